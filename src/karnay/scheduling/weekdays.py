"""The names of the days of the week, in English, Russian and Uzbek."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_NAMES = (
    "mon monday пн понедельник dush dushanba душанба",
    "tue tues tuesday вт вторник sesh seshanba сешанба",
    "wed wednesday ср среда среду chor chorshanba чоршанба",
    "thu thur thurs thursday чт четверг pay payshanba пайшанба",
    "fri friday пт пятница пятницу juma жума",
    "sat saturday сб суббота субботу shan shanba шанба",
    "sun sunday вс воскресенье воскресение yak yakshanba якшанба",
)
WEEKDAYS: Mapping[str, int] = {
    name: day for day, names in enumerate(_NAMES) for name in names.split()
}
"""Each name and its day, 0 for Monday."""
