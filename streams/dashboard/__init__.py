"""The board: what a dispatcher looks at and decides with. It owns no state; a request reads, a command is sent."""
