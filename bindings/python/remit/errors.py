"""What goes wrong, sorted by what to do about it. A claim's verdict is no error: it is a value."""

from typing import Dict, Optional, Tuple, Type

from . import _abi


class Error(Exception):
    """The base of all. `status` and `name` are the ABI's, `field` the path of the input to blame or ""."""

    def __init__(self, status: int, field: str = "", text: str = "") -> None:
        self.status = status
        self.name, self.cls, meaning = _TABLE.get(status, ("E_?", "FIX", ""))
        self.field = field
        self.text = text or meaning
        super().__init__(f"{self.name}: {field + ': ' if field else ''}{self.text}")

    def __reduce__(self) -> Tuple[Type["Error"], Tuple[int, str, str]]:
        return type(self), (self.status, self.field, self.text)


class FixError(Error):
    """Fix the code, the configuration or the input; nothing was done."""


class RetryError(Error):
    """Nothing was done; make the same call again."""


class AskError(Error):
    """It may have been done: ask before anything is done again."""


class FinalError(Error):
    """Definite: repeating the call gives the same answer."""


class InvalidError(FixError):
    """The input is refused; `field` names it."""


class ForkedError(FixError):
    """The object is the parent process's; open one of your own."""


class BrokenError(FixError):
    """The engine fenced itself: nothing more is written. Open it anew and look."""


class ClosedError(RetryError):
    """The engine is draining or closed."""


class TimedOutError(RetryError):
    """The deadline of the wait passed; the work goes on."""


class MismatchError(FinalError):
    """The id or key stands for other content."""


class FencedError(FinalError):
    """Another worker took over. Cause no effect."""


class NotFoundError(FinalError):
    """There is no such thing."""


class StateError(FinalError):
    """Not possible in the state it is in."""


class WrongKeyError(FinalError):
    """The password or key does not open this."""


_TABLE: Dict[int, Tuple[str, str, str]] = {
    number: (name if name == "OK" else "E_" + name, cls, text) for number, name, cls, text in _abi.STATUSES}
_BY_CLASS: Dict[str, Type[Error]] = {"FIX": FixError, "RETRY": RetryError, "ASK": AskError, "FINAL": FinalError}
_BY_STATUS: Dict[int, Type[Error]] = {
    _abi.E_INVALID: InvalidError, _abi.E_FORKED: ForkedError, _abi.E_BROKEN: BrokenError, _abi.E_CLOSED: ClosedError,
    _abi.E_TIMEOUT: TimedOutError, _abi.E_MISMATCH: MismatchError, _abi.E_FENCED: FencedError,
    _abi.E_NOT_FOUND: NotFoundError, _abi.E_STATE: StateError, _abi.E_WRONG_KEY: WrongKeyError}


def make(status: int, field: str, text: str) -> Error:
    """The exception for a status; one that this package does not know is FixError, as remit_status_class has it."""
    found: Optional[Type[Error]] = _BY_STATUS.get(status)
    if found is None:
        found = _BY_CLASS.get(_TABLE.get(status, ("", "FIX", ""))[1], Error)
    return found(status, field, text)
