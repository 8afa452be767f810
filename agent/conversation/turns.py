"""Turns of speech by which a question shows what it is, as expressions."""

from __future__ import annotations

import re

SMILEY = re.compile(r":[a-z0-9_+'-]+:")
GREETING = re.compile(
    r"^(?:(?:hi|hey|hello|(?:good )?(?:morning|afternoon|evening)|ok(?:ay)?|so|btw|thanks|thx|cool|great"
    r"|folks|all|team|there|quick question)[\s,.!:;–—-]+)+(?=\w)",
    re.IGNORECASE,
)
"""What people say before they ask."""
DENIED = re.compile(
    r"^(?:(?:no+|nope|wrong|actually|sorry|well|hm+|but|that'?s|that is|this is|it'?s|not|true|right"
    r"|incorrect)"
    r"[\s,.;:!–—-]+)+",
    re.IGNORECASE,
)
"""What people say before they put something right."""
INTERNAL = re.compile(
    r"\b(?:is|are|only|purely|stays?)\s+(?:only\s+|purely\s+|fully\s+)?(?:internal|private)(?:\s+only)?\b"
    r"|\b(?:is not|isn't|are not|aren't|not)\s+(?:public|exposed|reachable|internet)\b",
    re.IGNORECASE,
)
NOT_YET = re.compile(
    r"^(?:please )?(?:do not|don't|never|should|why|what|who|how|if|is|are|does)\b", re.IGNORECASE
)
DEFINED = re.compile(r"^(?:what(?:'?s| is| are| does)|whats|define|explain|meaning of)\b", re.IGNORECASE)
POINTS = re.compile(r"\b(?:this|that|it|these|those|they)\b", re.IGNORECASE)
ABOUT_IT = re.compile(r"\bdo (?:about|against)\b", re.IGNORECASE)
HELPS = re.compile(
    r"^(?:and |so |but )?(?:would|will|does|do|could|might)\b.*\b(?:help|suffice|enough|worth|reduce|lower"
    r"|matter|make (?:any |a )?difference|change (?:anything|something))\b",
    re.IGNORECASE,
)
"""After what a protection would do, however much is said of where it would stand."""
FIRST = re.compile(
    r"^(?:and |so )?(?:which|what)\b.*\b(?:first|soonest|most|worst)\b(?!\s+likely)", re.IGNORECASE
)
"""After what comes first, however much stands between."""
ENOUGH = re.compile(
    r"^(?:and |so |but )?(?:is|are|isn't|aren't|does|doesn't|do|don't)\b.*\b(?:enough|sufficient|adequate"
    r"|needed|necessary|overkill|cover|solve|already (?:stop|prevent|protect|answer|mitigate)s?)\b",
    re.IGNORECASE,
)
"""After whether it does already."""
LOOKED = re.compile(
    r"^(?:and )?(?:did|have) you (?:already |also |even |ever )?(?:look(?:ed)? (?:at|into)|check(?:ed)?"
    r"|consider(?:ed)?|think|thought|examined?|review(?:ed)?|cover(?:ed)?|analy[sz]ed?)\b",
    re.IGNORECASE,
)
"""After whether something was looked at."""
EXPLAINED = re.compile(
    r"^(?:please |can you |could you |how (?:would|do|can|should) (?:you|i|we) )*"
    r"(?:explain|describe|put|phrase|sum up|sell|justify)\b.*\b(?:to|for) (?:the|a|an|my|our|some|non)\b"
    r"|\b(?:convince|persuade|tell) (?:the|a|my|our)\b",
    re.IGNORECASE,
)
"""That something is to be told to somebody else."""
YES_OR_NO = re.compile(
    r"^(?:and |so |but )?(?:is|are|isn't|aren't|was|were|do|does|did|don't|doesn't|didn't|has|have|can|could"
    r"|can't|couldn't|would|wouldn't|will|won't|should)\b",
    re.IGNORECASE,
)
AS_GUARD = re.compile(
    r"\bas (?:a |an )?(?:protection|control|safeguard|measure|mitigation)s?\b", re.IGNORECASE
)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_MANY = re.compile(
    rf"\btop {_NUMBER}\b|\b{_NUMBER} (?:\w+ )?(?:threats?|risks?|items?|things?|tickets?|fixes|findings?"
    r"|issues?|stories|tasks?|actions?|wins?|ones)\b",
    re.IGNORECASE,
)


def how_many(text: str, otherwise: int) -> int:
    """How many threats or items are wanted, such as 5 of “the top five”; else as many as given."""
    said = _MANY.search(text)
    word = next((w for w in said.groups() if w), "").lower() if said else ""
    if word in _NUMBERS:
        return _NUMBERS.index(word) + 1
    return max(1, min(int(word), len(_NUMBERS))) if word else otherwise
