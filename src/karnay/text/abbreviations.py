"""Abbreviations after whose full stop a sentence goes on, in English, Russian and Uzbek.

Written as they stand before the last full stop, in lower case, with any apostrophe as `'`.
"""

from __future__ import annotations

_ENGLISH = """
dr mr mrs ms messrs prof st sr jr vs e.g i.e cf no nos fig figs vol ch pp p sec art par gen col
capt cmdr lt sgt maj adm rev hon gov sen rep pres supt det ave blvd rd dept univ assn bros
jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri approx est min max tel ext
ft mt n° nº u.s u.k u.n e.u d.c ph.d m.d b.a m.a ed eds trans viz al incl excl
"""

_RUSSIAN = """
г гг ул д дом кв корп стр обл р-н пр просп пр-т пр-кт пер пл наб б-р ш пос пгт с дер ст мкр а/я оф
каб ауд эт тел моб факс доб т тт тыс млн млрд трлн руб коп долл им акад проф доц канд ассист
д-р г-н г-жа гр зам зав нач дир ген чл см мм км кг гр га напр рис табл гл п пп ч изд ред ср прим
пр ок св янв февр фев мар апр авг сент сен окт нояб ноя дек пн вт ср чт пт сб вс мин сек час
т.е т.к т.н т.о т.ч в.т.ч н.э и.о вр.и.о в.о о. o с.г р.х ж.д физ.лиц юр.лиц
"""

_UZBEK = """
sh shah vil tum ko'ch kv uy mahalla mfy dots prof akad f.f.d t.f.n mln mlrd trln tel
y b bet mas qarang rasm jadv soat min sek m-n o'rinb rah bosh xon
ш шаҳ вил тум кўч кв уй мфй доц проф акад млн млрд трлн тел й б бет мас расм жадв соат
"""

_MAY_END = """
etc a.m p.m inc ltd co corp llc plc et al и.др др пр т.д т.п и.т.д и.т.п г гг н.э руб коп долл чел
h.k va.h.k b va.b y ҳ.к ва.ҳ.к б ва.б й мин час сек u.s u.k u.n e.u d.c ph.d jr sr тыс млн млрд
mln mlrd
"""

_STARTS = """
A An The I You He She It We They This That These Those There Here How What When Where Which Who Why
His Her Its Our Their But And So In On At If As After Before Since
Это Этот Эта Эти Он Она Оно Они Мы Вы Как Что Где Когда Кто Почему Но
Bu Shu Ular Biz Siz Lekin Ammo Endi Keyin Бу Шу Улар Биз Сиз Лекин Аммо Энди Кейин
"""

NEVER_ENDS = frozenset([*_ENGLISH.split(), *_RUSSIAN.split(), *_UZBEK.split()])
"""After these a sentence goes on ..."""

MAY_END = frozenset(_MAY_END.split())
"""... but after these it may also end."""

STARTS = frozenset(_STARTS.split())
"""... and ends where one of these follows, which are no names."""
