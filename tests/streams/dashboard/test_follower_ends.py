"""A follower that fails says so on every page."""

import asyncio

from streams.dashboard.follower import Follower
from streams.dashboard.news import News
from streams.settings import Settings
from streams.topics import Topics


class Failing(Follower):
    async def _connected(self) -> None:
        raise KeyError("declined")


async def test_a_follower_that_fails_is_a_problem_that_pages_show() -> None:
    news = News(10, lambda: 0)
    follower = Failing("127.0.0.1:1", Topics.of(Settings()), news)

    follower.start()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert "restart it" in news.problem
    await follower.stop()
