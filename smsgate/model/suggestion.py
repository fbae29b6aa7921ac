"""The nearest of the known names, for the error about one that is not known."""

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ " (did you mean 'huawei'?)", or "" if none of *known* is near. The wrong *name* itself is not repeated."""
    import difflib  # for errors alone

    names = {each.casefold(): each for each in known}
    typed = name.casefold()
    # Of a swap in a name that has some letters several times, difflib can make too little.
    near = difflib.get_close_matches(typed, names, n=1) or [each for each in names if sorted(each) == sorted(typed)]
    return f" (did you mean {names[near[0]]!r}?)" if near else ""
