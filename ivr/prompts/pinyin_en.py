"""Chinese names as an English voice says them: a syllable of pinyin in the sounds of English. Pure.

The letters are those of the voice: A, I, O, W are the diphthongs of day, my, go and how.
"""

_INITIALS = {
    "zh": "ʤ", "ch": "ʧ", "sh": "ʃ", "b": "b", "p": "p", "m": "m", "f": "f", "d": "d", "t": "t", "n": "n", "l": "l",
    "g": "ɡ", "k": "k", "h": "h", "j": "ʤ", "q": "ʧ", "x": "ʃ", "r": "ɹ", "z": "dz", "c": "ts", "s": "s",
    "y": "j", "w": "w",
}  # fmt: skip
_FINALS = {
    "a": "ɑ", "ai": "I", "an": "ɑn", "ang": "ɑŋ", "ao": "W", "e": "ʌ", "ei": "A", "en": "ʌn", "eng": "ʌŋ", "i": "i",
    "ia": "jɑ", "ian": "jɛn", "iang": "jɑŋ", "iao": "jW", "ie": "jɛ", "in": "ɪn", "ing": "ɪŋ", "iong": "jʊŋ",
    "iu": "jO", "o": "O", "ong": "ʊŋ", "ou": "O", "u": "u", "ua": "wɑ", "uai": "wI", "uan": "wɑn", "uang": "wɑŋ",
    "ue": "wɛ", "ui": "wA", "un": "wʌn", "uo": "wO", "v": "u",
}  # fmt: skip
_WHOLE = {
    "shi": "ʃɜɹ", "zhi": "ʤɜɹ", "chi": "ʧɜɹ", "ri": "ɹɜɹ", "si": "sɪ", "zi": "dzɪ", "yi": "ji", "wu": "wu",
    "yu": "ju", "yan": "jɛn", "ye": "jɛ", "yin": "jɪn", "xu": "ʃu", "xue": "ʃwɛ", "yuan": "jwɑn",
}  # fmt: skip


def english_sounds(syllable: str) -> str:
    """The sounds of one syllable without its tone, as zhang, with the stress. Raises ValueError for any other."""
    if syllable in _WHOLE:
        sounds = _WHOLE[syllable]
    else:
        initial = next((letters for letters in _INITIALS if syllable.startswith(letters)), "")
        final = syllable.removeprefix(initial)
        if final not in _FINALS:
            raise ValueError(f"{syllable!r} is no syllable of pinyin")
        sounds = _INITIALS.get(initial, "") + _FINALS[final]
    vowel = next(at for at, letter in enumerate(sounds) if letter in "ɑɛɪʌʊɜɪiuAIOW")
    return f"{sounds[:vowel]}ˈ{sounds[vowel:]}"
