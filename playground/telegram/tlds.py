"""Top-level domains that make a bare word like `example.org` a link.

Telegram links a name without a scheme only when its last part is a common top-level domain (td, `is_common_tld`). Its
own list holds over a thousand names; here stand every country's, and the generic ones that people really type.
"""

_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg
ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi
gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw
ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng
ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn
so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws
ye yt za zm zw рф укр бел срб
"""

_GENERIC = """
academy aero agency app art asia audio bank berlin best bike biz blog boutique build buzz bzh cafe capital cash cat
center chat city click cloud club coach codes coffee com community company computer cool coop corsica design dev
digital directory earth edu education email energy events exchange expert express family fans farm film finance fund
fyi gallery games gift gives global gmbh google gov green group guide guru health help host hosting house how info ink
institute int international jobs kim lab land law lgbt life link live lol love ltd market marketing media men mil mobi
moe money museum name net network news ngo ninja one ong onl online org page paris partners party photo photography
photos pics pink pizza plus press pro productions pub pw quebec red report rest restaurant reviews rip rocks run sale
school science scot services sexy shop show site social software solutions space store studio support systems team tech
technology tel tips today tokyo tools top town toys trade training travel tube university vegas video vin vip vision
wales watch webcam website wedding wiki win wine work works world wtf xyz yoga zone xn--p1ai
"""

COMMON_TLDS = frozenset(_COUNTRIES.split()) | frozenset(_GENERIC.split())
