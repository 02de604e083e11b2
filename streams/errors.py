"""Everything that Headway raises on purpose.

HeadwayError
├── UserError             somebody's mistake: say it without a traceback, exit 2
│   ├── BadSettings       a configuration file or environment variable
│   ├── BadInput          a file, an argument, a fence
│   └── BadCell           not an H3 cell, or finer than the index
├── StoreUnavailable      Redis is away: back off and try again
├── BrokerUnavailable     Kafka is away: back off and try again
├── Fenced                another worker owns the partition now: drop what is held
├── PositionBeyondLog     the stored position is past the end of the log: the topic is another one
└── IncompatibleFaust     Faust lacks a private method that the transport overrides
"""


class HeadwayError(Exception):
    """The base of all."""


class UserError(HeadwayError):
    """The message names the thing, the value and what to do."""


class BadSettings(UserError):
    pass


class BadInput(UserError):
    pass


class BadCell(UserError):
    pass


class StoreUnavailable(HeadwayError):
    pass


class BrokerUnavailable(HeadwayError):
    pass


class Fenced(HeadwayError):
    pass


class PositionBeyondLog(HeadwayError):
    pass


class IncompatibleFaust(HeadwayError):
    pass
