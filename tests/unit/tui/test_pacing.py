"""A frame waits for the terminal's answer to the one before it, and one asked for again meanwhile is drawn once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from curator.tui.pacing import ASK, LONGEST_WAIT, FramePacer


class Timer:
    """A timer that a test lets run out."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds = seconds
        self.action = action
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


class Driver:
    """Takes down what is written to the terminal."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(text)


class App:
    """As much of an app as the pacer asks for."""

    def __init__(self, *, headless: bool = False) -> None:
        self.is_headless = headless
        self._driver = Driver()
        self.timers: list[Timer] = []

    def set_timer(self, seconds: float, action: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, action))
        return self.timers[-1]

    def call_after_refresh(self, action: Callable[[], None]) -> None:
        action()


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def pacer(app: App) -> FramePacer:
    return FramePacer(app)  # type: ignore[arg-type]


def test_the_first_frame_is_drawn_at_once_and_the_terminal_is_asked(app: App, pacer: FramePacer) -> None:
    drawn: list[int] = []
    pacer.request(lambda: drawn.append(1))
    assert drawn == [1]
    assert app._driver.written == [ASK]
    assert [timer.seconds for timer in app.timers] == [LONGEST_WAIT]


def test_until_the_answer_a_frame_is_drawn_once_however_often_it_is_asked_for(app: App, pacer: FramePacer) -> None:
    drawn: list[str] = []

    def of_the_list() -> None:
        drawn.append("list")

    def of_the_reader() -> None:
        drawn.append("reader")

    for _ in range(5):
        pacer.request(of_the_list)
        pacer.request(of_the_reader)
    assert drawn == ["list"]
    pacer.answered()
    assert drawn == ["list", "reader", "list"]
    pacer.answered()
    assert drawn == ["list", "reader", "list"]
    assert app._driver.written == [ASK, ASK]


def test_an_answer_ends_the_wait(app: App, pacer: FramePacer) -> None:
    pacer.request(lambda: None)
    pacer.answered()
    assert app.timers[0].stopped
    drawn: list[int] = []
    pacer.request(lambda: drawn.append(1))
    assert drawn == [1]


def test_a_terminal_that_does_not_answer_is_asked_no_more(app: App, pacer: FramePacer) -> None:
    drawn: list[int] = []
    pacer.request(lambda: drawn.append(1))
    pacer.request(lambda: drawn.append(2))
    app.timers[0].action()
    assert drawn == [1, 2]
    pacer.request(lambda: drawn.append(3))
    assert drawn == [1, 2, 3]
    assert app._driver.written == [ASK]


def test_a_late_answer_begins_the_asking_again(app: App, pacer: FramePacer) -> None:
    pacer.request(lambda: None)
    app.timers[0].action()
    pacer.answered()
    pacer.request(lambda: None)
    assert app._driver.written == [ASK, ASK]


def test_an_answer_that_nobody_asked_for_does_nothing(app: App, pacer: FramePacer) -> None:
    pacer.answered()
    assert not app._driver.written


def test_without_a_terminal_nothing_is_asked_and_all_is_drawn() -> None:
    app = App(headless=True)
    pacer = FramePacer(app)  # type: ignore[arg-type]
    drawn: list[int] = []
    for number in range(3):
        pacer.request(lambda number=number: drawn.append(number))  # type: ignore[misc]
    assert drawn == [0, 1, 2]
    assert not app._driver.written
