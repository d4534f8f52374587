//! Currencies by their three letters (ISO 4217).

use super::Verdict;
use std::borrow::Cow;

const IN_USE: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW \
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN \
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS \
    SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND \
    VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG";

/// Replaced in this century or by the euro; old records still have them.
const FORMER: &str = "ATS BEF BYR CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MRO MTL NLG PTE SIT SKK SLL STD VEF ZMK \
    ZWL";

/// Judges a code.
pub(super) fn judge(code: &str) -> Verdict {
    let has = |list: &str| list.split_ascii_whitespace().any(|own| own == code);
    if has(IN_USE) || has(FORMER) {
        Verdict::IsCode
    } else {
        Verdict::Malformed(Cow::Borrowed("no currency has these letters; `GBP` is the pound sterling"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_known_by_their_letters() {
        for (code, good) in [("GBP", true), ("EUR", true), ("DEM", true), ("gbp", false), ("XYZ", false), ("", false)] {
            assert_eq!(judge(code) == Verdict::IsCode, good, "{code}");
        }
    }
}
