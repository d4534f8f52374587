//! A small invented dm+d release in the published XML, in a folder of its own.

use ginnel_medicines::drug_code::Release;
use ginnel_schemas::check_digit::verhoeff_digit;
use std::path::Path;
use tempfile::TempDir;

/// An invented id of the UK drug extension with the right check digit.
pub fn id(number: u32) -> String {
    let stem = format!("{number}100000110");
    let digit = verhoeff_digit(&stem).expect("digits");
    format!("{stem}{digit}")
}

pub const ZOLTRAMOL: u32 = 9001;
pub const ZOLTRAMOL_500: u32 = 9101;
pub const ZOLTRAMOL_500_BEFORE: u32 = 9100;
pub const ZOLTRAMOL_500_LONG_BEFORE: u32 = 9099;
pub const ZOLTRAMOL_250: u32 = 9102;
pub const ZOLTRAMOL_LIQUID: u32 = 9103;
pub const CO_ZOLTRIFEN: u32 = 9104;
pub const VEXAPRIL: u32 = 9002;
pub const VEXAPRIL_5: u32 = 9105;
pub const WITHDRAWN: u32 = 9106;
pub const ZOLTEX: u32 = 9201;
pub const ZOLTEX_RIVAL: u32 = 9202;
pub const ZOLTRAMOL_500_PACK: u32 = 9301;
pub const ZOLTEX_PACK: u32 = 9401;
pub const ZOLTRAMOL_SUBSTANCE: u32 = 9501;
pub const VEXAPRIL_SUBSTANCE: u32 = 9502;
pub const TRIFEN_SUBSTANCE: u32 = 9503;
pub const COMBINATION_PACK: u32 = 9302;
pub const MG: u32 = 9601;
pub const ML: u32 = 9602;
pub const TABLET: u32 = 9603;
pub const TABLET_FORM: u32 = 9701;
pub const ORAL: u32 = 9801;
pub const SUPPLIER: u32 = 9901;

fn vmp(number: u32, vtm: Option<u32>, name: &str, more: &str) -> String {
    let vtm = vtm.map(|vtm| format!("<VTMID>{}</VTMID>", id(vtm))).unwrap_or_default();
    format!("<VMP><VPID>{}</VPID>{vtm}<NM>{name}</NM><BASISCD>0001</BASISCD>{more}</VMP>\n", id(number))
}

fn vpi(vmp: u32, substance: u32, milligrams: &str, per: Option<&str>) -> String {
    let per = per.map(|value| {
        format!("<STRNT_DNMTR_VAL>{value}</STRNT_DNMTR_VAL><STRNT_DNMTR_UOMCD>{}</STRNT_DNMTR_UOMCD>", id(ML))
    });
    format!(
        "<VPI><VPID>{}</VPID><ISID>{}</ISID><BASIS_STRNTCD>0001</BASIS_STRNTCD><STRNT_NMRTR_VAL>{milligrams}</STRNT_NMRTR_VAL>\
         <STRNT_NMRTR_UOMCD>{}</STRNT_NMRTR_UOMCD>{}</VPI>\n",
        id(vmp),
        id(substance),
        id(MG),
        per.unwrap_or_default()
    )
}

fn info(number: u32, name: &str) -> String {
    format!("<INFO><CD>{}</CD><DESC>{name}</DESC></INFO>\n", id(number))
}

/// The files' names and contents.
pub fn files() -> Vec<(&'static str, String)> {
    let vtms = [(ZOLTRAMOL, "Zoltramol"), (VEXAPRIL, "Vexapril")]
        .map(|(number, name)| format!("<VTM><VTMID>{}</VTMID><NM>{name}</NM></VTM>\n", id(number)))
        .concat();
    let before = format!(
        "<VPIDPREV>{}</VPIDPREV><NMPREV>Zoltramol 500 milligram tablets</NMPREV><UDFS>1.00</UDFS>\
         <UDFS_UOMCD>{tablet}</UDFS_UOMCD><UNIT_DOSE_UOMCD>{tablet}</UNIT_DOSE_UOMCD>",
        id(ZOLTRAMOL_500_BEFORE),
        tablet = id(TABLET)
    );
    let vmps = [
        vmp(ZOLTRAMOL_500, Some(ZOLTRAMOL), "Zoltramol 500mg tablets", &before),
        vmp(ZOLTRAMOL_250, Some(ZOLTRAMOL), "Zoltramol 250mg tablets", ""),
        vmp(ZOLTRAMOL_LIQUID, Some(ZOLTRAMOL), "Zoltramol 250mg/5ml oral suspension &amp; spoon", ""),
        vmp(CO_ZOLTRIFEN, None, "Co-zoltrifen 8mg/500mg tablets", ""),
        vmp(VEXAPRIL_5, Some(VEXAPRIL), "Vexapril 5mg tablets", ""),
        vmp(WITHDRAWN, Some(VEXAPRIL), "Vexapril 1mg tablets", "<INVALID>1</INVALID>"),
    ]
    .concat();
    let ingredients = [
        vpi(ZOLTRAMOL_500, ZOLTRAMOL_SUBSTANCE, "500.000", None),
        vpi(ZOLTRAMOL_250, ZOLTRAMOL_SUBSTANCE, "250.000", None),
        vpi(ZOLTRAMOL_LIQUID, ZOLTRAMOL_SUBSTANCE, "250.0", Some("5.0")),
        vpi(CO_ZOLTRIFEN, TRIFEN_SUBSTANCE, "8.0", None),
        vpi(CO_ZOLTRIFEN, ZOLTRAMOL_SUBSTANCE, "500.0", None),
        vpi(VEXAPRIL_5, VEXAPRIL_SUBSTANCE, "5.0", None),
        vpi(WITHDRAWN, VEXAPRIL_SUBSTANCE, "1.0", None),
    ]
    .concat();
    let amp = |number: u32, name: &str, supplier: &str| {
        format!(
            "<AMP><APID>{}</APID><VPID>{}</VPID><NM>{name}</NM><DESC>{name} ({supplier})</DESC><SUPPCD>{}</SUPPCD></AMP>\n",
            id(number),
            id(ZOLTRAMOL_500),
            id(SUPPLIER)
        )
    };
    let (form, route) = (id(TABLET_FORM), id(ORAL));
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
    vec![
        (
            "f_vtm2_3010124.xml",
            format!("{head}<VIRTUAL_THERAPEUTIC_MOIETIES>\n{vtms}</VIRTUAL_THERAPEUTIC_MOIETIES>\n"),
        ),
        (
            "f_vmp2_3010124.xml",
            format!(
                "\u{feff}{head}<VIRTUAL_MED_PRODUCTS>\n<VMPS>\n{vmps}</VMPS>\n<VIRTUAL_PRODUCT_INGREDIENT>\n{ingredients}\
                 </VIRTUAL_PRODUCT_INGREDIENT>\n<ONT_DRUG_FORM></ONT_DRUG_FORM>\n\
                 <DRUG_FORM><DFORM><VPID>{vmp}</VPID><FORMCD>{form}</FORMCD></DFORM></DRUG_FORM>\n\
                 <DRUG_ROUTE><DROUTE><VPID>{vmp}</VPID><ROUTECD>{route}</ROUTECD></DROUTE></DRUG_ROUTE>\n\
                 </VIRTUAL_MED_PRODUCTS>\n",
                vmp = id(ZOLTRAMOL_500)
            ),
        ),
        (
            "f_amp2_3010124.xml",
            format!(
                "{head}<ACTUAL_MEDICINAL_PRODUCTS><AMPS>\n{}{}</AMPS></ACTUAL_MEDICINAL_PRODUCTS>\n",
                amp(ZOLTEX, "Zoltex 500mg tablets", "Invented Pharma Ltd"),
                amp(ZOLTEX_RIVAL, "Zoltramol 500mg tablets", "Other Pharma Ltd")
            ),
        ),
        (
            "f_vmpp2_3010124.xml",
            format!(
                "{head}<VIRTUAL_MED_PRODUCT_PACK><VMPPS>\n\
                 <VMPP><VPPID>{pack}</VPPID><NM>Zoltramol 500mg tablets 28 tablet</NM><VPID>{vmp}</VPID>\
                 <QTYVAL>28.00</QTYVAL></VMPP>\n\
                 <VMPP><VPPID>{both}</VPPID><NM>Generic Zoltramol starter pack</NM><VPID>{vmp}</VPID>\
                 <COMBPACKCD>1</COMBPACKCD></VMPP></VMPPS>\n\
                 <COMB_CONTENT><CCONTENT><PRNTVPPID>{both}</PRNTVPPID><CHLDVPPID>{pack}</CHLDVPPID></CCONTENT></COMB_CONTENT>\n\
                 </VIRTUAL_MED_PRODUCT_PACK>\n",
                pack = id(ZOLTRAMOL_500_PACK),
                both = id(COMBINATION_PACK),
                vmp = id(ZOLTRAMOL_500)
            ),
        ),
        (
            "f_ampp2_3010124.xml",
            format!(
                "{head}<ACTUAL_MEDICINAL_PROD_PACKS><AMPPS><AMPP><APPID>{}</APPID><NM>Zoltex 500mg tablets 28 tablet</NM>\
                 <VPPID>{}</VPPID><APID>{}</APID></AMPP></AMPPS></ACTUAL_MEDICINAL_PROD_PACKS>\n",
                id(ZOLTEX_PACK),
                id(ZOLTRAMOL_500_PACK),
                id(ZOLTEX)
            ),
        ),
        (
            "f_ingredient2_3010124.xml",
            format!(
                "{head}<INGREDIENT_SUBSTANCES>{}</INGREDIENT_SUBSTANCES>\n",
                [(ZOLTRAMOL_SUBSTANCE, "Zoltramol"), (VEXAPRIL_SUBSTANCE, "Vexapril"), (TRIFEN_SUBSTANCE, "Trifen")]
                    .map(|(number, name)| format!("<ING><ISID>{}</ISID><NM>{name}</NM></ING>\n", id(number)))
                    .concat()
            ),
        ),
        (
            "f_lookup2_3010124.xml",
            format!(
                "{head}<LOOKUP><BASIS_OF_NAME><INFO><CD>0001</CD><DESC>rINN</DESC></INFO></BASIS_OF_NAME>\n\
                 <UNIT_OF_MEASURE>{}{}{}</UNIT_OF_MEASURE><FORM>{}</FORM><ROUTE>{}</ROUTE><SUPPLIER>{}</SUPPLIER></LOOKUP>\n",
                info(MG, "mg"),
                info(ML, "ml"),
                info(TABLET, "tablet"),
                info(TABLET_FORM, "Tablet"),
                info(ORAL, "Oral"),
                info(SUPPLIER, "Invented Pharma Ltd")
            ),
        ),
        (
            "f_history2_3010124.xml",
            format!(
                "{head}<HISTORY><VMPS>\n<VMP><IDCURRENT>{now}</IDCURRENT><IDPREVIOUS>{now}</IDPREVIOUS></VMP>\n\
                 <VMP><IDCURRENT>{before}</IDCURRENT><IDPREVIOUS>{long}</IDPREVIOUS><STARTDT>2004-01-01</STARTDT></VMP>\n\
                 </VMPS></HISTORY>\n",
                now = id(ZOLTRAMOL_500),
                before = id(ZOLTRAMOL_500_BEFORE),
                long = id(ZOLTRAMOL_500_LONG_BEFORE)
            ),
        ),
    ]
}

pub fn write(folder: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("is written");
    }
}

pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &files());
    folder
}

pub fn release() -> Release {
    Release::load(folder().path()).expect("the invented release is sound")
}
