"""The pieces of which the corpus for the judges of text is made."""

from __future__ import annotations

# One piece a line would be hundreds of lines.
# fmt: off
SENTENCES = (
    "Applications are open until 15 November; teams of up to 5 people can take part.",
    "Doors open at 6 p.m., talks start at 7 p.m. sharp, and Dr. A. B. Smith gives the first one.",
    "Prices go up by 12.5% on Nov. 23, so book early — it's worth it!",
    "Version 3.5 brings threads, previews and limits for every network, e.g. for X.",
    "Приём заявок открыт до 15 ноября 2026 г., участвуют команды до 5 человек.",
    "Встречаемся в 19:00 по адресу: г. Ташкент, ул. Амира Темура, д. 107Б.",
    "Призовой фонд — 100 млн сум, т. е. по 20 млн на команду; «Спасибо!» — всем.",
    "Объявление подписал А. С. Петров, начальник отдела по делам молодёжи.",
    "Arizalar 2026-yil 15-noyabr kuni soat 18:00 gacha qabul qilinadi, jamoada 5 kishi.",
    "Uchrashuv Toshkent sh., Amir Temur koʻchasi, 107B-uyda boʻladi.",
    "Mukofot jamgʻarmasi — 100 mln soʻm, yaʼni har bir jamoaga 20 mln so‘m.",
    "Аризалар 2026 йил 15 ноябрь куни соат 18:00 гача қабул қилинади.",
    "Учрашув Тошкент ш., Амир Темур кўчаси, 107Б-уйда бўлади, ғалаба сизники!",
    "故人西辞黄鹤楼，烟花三月下扬州。孤帆远影碧空尽，唯见长江天际流。",
    "日本語のお知らせです。「東京」で会いましょう！", "한국어 공지사항입니다. 서울에서 만나요.",
    "مؤتمر صحفي غداً في التاسعة صباحاً، أهلاً بكم!", "הודעה לעיתונות: המפגש יתקיים ביום ראשון.",
    "नमस्ते, कल सुबह नौ बजे मिलते हैं।", "สวัสดีครับ พบกันพรุ่งนี้เช้า",
    "გამარჯობა, შეხვედრა ხვალ არის.",
    "Cafe\u0301 a\u0301 la carte, Z\u0351\u036b\u0343\u036aa\u0328\u0310lgo, й = и\u0306.",
)
WORDS = (
    "the", "Join", "us,", "e.g.", "p.m.", "5.3", "10,000", "Q&A", "We’re", "19:00", "2026-12-01",
    "Мы", "гача", "ўқувчи", "сум.", "ул.", "ш.,", "т.е.", "Ёлка", "oʻquv", "gʻalaba", "yaʼni",
    "東京", "人工知能", "ﾊｯｼｭ", "한국어", "مؤتمر", "שלום", "नमस्ते", "สวัสดี", "é", "e\u0301",
    "№5", "100%", "$5", "A$AP", "C#", "#1", "@", "#", "$", "…", "—", "«да»", "“so”", "(ok)",
    "a/b", "&amp;",
)
TAG_BODIES = (
    "TICT", "OpenDay", "open_day", "2026", "2026year", "v3", "_", "_a", "1_", "café",
    "cafe\u0301", "Тошкент", "ОткрытыйКод", "ТХТИ2026", "халқароҲамкорлик", "oʻzbek", "o‘zbek",
    "oʼzbek", "ya’ni", "東京", "日本語ハッシュタグ", "人工知能2", "ﾊｯｼｭﾀｸﾞ", "한국어", "مؤتمر",
    "فارسی\u200cها", "שלום", "צה״ל", "नमस्ते", "१२३क", "สวัสดี", "ελληνικά", "Україна", "ქართული",
    "a·b", "東・京", "long" * 20, "1" * 30, "tag-end", "tag.end", "tag's", "tag/x", "tag@name",
    "tag#two", "a\u200db", "𠜎", "①", "²", "❤️",
)
HANDLES = (
    "tict", "tict_uz", "example_bot", "a", "ab", "abc", "gif", "pic", "1234", "_x_", "UPPER",
    "a_name_of_twenty_char", "a" * 33, "tict@mastodon.example", "tict@mastodon.uz", "x/list-1",
    "tict.example.org", "tict.bsky.social", "a-b.test", "name.notatld", "имя", "é",
    "bsky.social.",
)
CASHTAGS = (
    "TWTR", "tw", "TWTR.A", "BRK_B", "ABCDEFG", "TON", "1INCH", "A1", "100", "USD100", "ABCDE",
    "ABCDEF", "ABCDEFGHI", "TE-ST", "Ж", "a",
)
PROTOCOLS = (
    "", "", "https://", "https://", "http://", "HTTP://", "Https://", "ftp://", "ton://", "//",
)
HOSTS = (
    "example.com", "example.org", "www.example.uz", "kun.uz", "t.me", "t.co", "it-park.uz",
    "a.b.co.uk", "en.wikipedia.org", "docs.python.org", "sub_domain.example.com", "ex-ample.com",
    "-bad.com", "xn--e1afmkfd.xn--p1ai", "пример.рф", "президент.рф", "müller.de",
    "名がドメイン.com", "例え.テスト", "twitter.한국", "ÀÁ.com", "1.2.3.4", "127.0.0.1",
    "localhost", "example.notatld", "example.c", "t.co/abcDEF123", "readme.md", "news.py",
    "index.js", "file.zip", "a.museum", "foo.рф", "x.ai", "example.COM", "EXAMPLE.com", "e.g.ru",
    "ул.ru", "мир.com", "o.uz", "telegra.ph", "me.ton",
)
PORTS = (
    "", "", "", "", "", ":80", ":8080", ":65535", ":65536", ":0", ":99999", ":",
)
PATHS = (
    "", "", "", "/", "/news/2026/11/23", "/a_(b)", "/a_(b_(c))", "/(x)",
    "/wiki/Release_(software)", "/новости", "/東京", "/ünïcode", "/a.b,c;d", "/@name", "/~user",
    "/a-b_c=d", "/%D0%B0", "/a//b", "/a'b", "/" + "long/" * 30, "/path.", "/path…", "/#!/hash",
    "/a|b", "/[x]", "/{x}", "/*", "/a–b", "/emoji😀", "/!",
)
QUERIES = (
    "", "", "", "", "?", "?q=1", "?utm_source=tg&utm_medium=post", "?q=ж", "?utf8=✓&q=a",
    "?a[]=1", "?q=(x)", "?a=b?c=d", "?q='x'", "?q=a,b.", "?x=#y", "?=", "?a;b",
)
FRAGMENTS = (
    "", "", "", "", "#", "#top", "#!/a", "#якорь", "#a,b", "#:~:text=x", "#(x)",
)
BEFORE = (
    "", "", "", " ", "\n", "(", "[", "«", "“", "\"", "'", "—", "-", ".", ",", ":", "/", "@", "#",
    "$", "&", "_", "!", "=", "a", "1", "я", "東", "。", "、", "é", "😀", "❤️", "\u200b", "\u200d",
    "\xa0", "\u3000", "\u202e", "RT ", "RT:", "see:", "<", ">", "*", "~", "`", "|", "\u2028",
    "\ufeff", "\t",
)
AFTER = (
    "", "", "", " ", "\n", ")", "]", "»", "”", "\"", "'", "’s", "—", "-", ".", ",", ":", ";", "/",
    "@", "#", "!", "?", "...", "…", ").", "a", "1", "я", "東", "。", "、", "é", "\u0301", "😀",
    "\ufe0f", "\u200b", "://", "\xa0", "\u3000", "<", ">", "*", "~", "`", "|", "$", "&", "_", "=",
    "+", "%", "^", "\u2028", "\ufeff",
)
EMOJI = (
    "😀", "🎉", "🔥", "🚀", "❤", "❤️", "☕️", "☕", "⚡️", "⭐", "✅", "✓", "☎", "☎️", "©", "©️",
    "™️", "▶️", "👍🏽", "👋🏿", "✌🏿", "☝🏻️", "👩‍🔬", "👩🏽‍🔬", "🧑‍🚀", "👨‍👩‍👧‍👦",
    "👩‍❤️‍👨", "🏳️‍🌈", "🏴‍☠️", "🇺🇿", "🇨🇳", "🇺🇿🇨🇳", "🇺", "🇺🇿🇨", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "*️⃣",
    "1⃣", "0️", "🥹", "🫶🏽", "🫱🏽‍🫲🏾", "❤️‍🔥", "🧑🏿‍🤝‍🧑🏻", "🐻‍❄️", "\U0001fae8",
    "\U0001fabf", "👁️‍🗨️", "🏽", "\u200d", "\ufe0f", "\u20e3", "🧔🏻‍♀️", "🤵‍♂️", "⛹🏾‍♀️",
)
ODD = (
    " ", "\n", "\t", ".", ",", ":", ";", "!", "?", "/", "@", "#", "$", "&", "%", "_", "-", "+",
    "=", "~", "*", "(", ")", "[", "]", "<", ">", "'", "\"", "`", "|", "\\", "^", "{", "}", "0",
    "a", "Z", "я", "ў", "қ", "東", "あ", "é", "…", "—", "’", "ʻ", "«", "»", "\u0301", "\u0306",
    "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2060", "\xad", "\xa0", "\u3000",
    "\u2028", "\ufe0f", "\ufe0e", "\u20e3", "😀", "🏽", "🇺", "ำ", "ः", "्", "ᄀ", "ᅡ", "ᆨ", "ﾞ",
    "＃", "＠", "·", "・",
)
BETWEEN = (
    " ", " ", " ", " ", "", "\n", "\n\n", ", ", ". ", "-", "/", " — ", "\xa0", "。",
)
# fmt: on
