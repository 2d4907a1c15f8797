"""The currencies that Stripe charges in, and how many decimals each has."""


def _codes(names: str) -> frozenset[str]:
    return frozenset(names.split())


ZERO_DECIMAL = _codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
THREE_DECIMAL = _codes("bhd jod kwd omr tnd")
_TWO_DECIMAL = _codes("""
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl hrk htg huf idr ils inr isk jmd kes kgs khr
kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php
pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs
wst xcd xcg yer zar zmw
""")
CURRENCIES = ZERO_DECIMAL | _TWO_DECIMAL | THREE_DECIMAL


def fee_of(amount: int) -> int:
    """What the provider keeps of a charge: 2.9 % and 30 units, never more than the charge."""
    return min(amount, amount * 29 // 1000 + 30)
