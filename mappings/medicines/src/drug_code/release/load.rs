//! Files of a release into memory.

use super::files::{self, ReleaseError};
use super::rows::{self, Row};
use super::{Class, Ingredient, Product, Release};
use std::path::Path;

impl Release {
    /// Reads the release in a folder: the files of one week, unpacked.
    pub fn load(folder: &Path) -> Result<Release, ReleaseError> {
        let (files, missing) = files::find(folder)?;
        let mut release = Release::default();
        for file in &files {
            rows::each(file, &mut |row| release.take(row))?;
        }
        for list in missing {
            release.gaps.push(format!("no file {}*.xml ({}): {}", list.prefix, list.holds, list.without));
        }
        release.finish();
        Ok(release)
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        if let (Some(current), Some(previous)) = (row.id("IDCURRENT")?, row.id("IDPREVIOUS")?) {
            self.replaced_by(previous, current);
            return Ok(());
        }
        match (row.section, row.name) {
            (_, "VTM") => self.vtm(row),
            (_, "VMP") => self.vmp(row),
            (_, "VPI") => self.ingredient_of_vmp(row),
            (_, "DFORM") => self.of_vmp(row, "FORMCD", |detail| &mut detail.forms),
            (_, "DROUTE") => self.of_vmp(row, "ROUTECD", |detail| &mut detail.routes),
            (_, "AMP") => self.amp(row),
            (_, "VMPP") => self.vmpp(row),
            (_, "AMPP") => self.ampp(row),
            (_, "CCONTENT") => self.combination(row),
            (_, "ING") => self.ingredient(row),
            ("FORM", "INFO") => self.look_up(row, Class::Form),
            ("ROUTE", "INFO") => self.look_up(row, Class::Route),
            ("UNIT_OF_MEASURE", "INFO") => self.look_up(row, Class::Unit),
            ("SUPPLIER", "INFO") => self.look_up(row, Class::Supplier),
            _ => Ok(()),
        }
    }

    fn replaced_by(&mut self, previous: u64, current: u64) {
        // The history repeats ids that never changed.
        if previous != current {
            self.current.insert(previous, current);
        }
    }

    fn add(&mut self, row: &Row<'_>, product: Product, previous: &str) -> Result<(), String> {
        if let Some(previous) = row.id(previous)? {
            self.replaced_by(previous, product.id);
        }
        match self.products.insert(product.id, product) {
            // Some look-ups list one concept as a form and as a unit; medicines are listed once.
            Some(other) if other.class.is_medicine() || other.class.is_pack() => {
                Err(format!("the id {} is listed twice", other.id))
            }
            _ => Ok(()),
        }
    }

    fn vtm(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = plain(row, Class::Vtm, "VTMID", "NM")?;
        self.add(row, product, "VTMIDPREV")
    }

    fn vmp(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = Product {
            parent: row.id("VTMID")?,
            previous_name: row.text("NMPREV").map(Box::from),
            is_combination: row.text("COMBPRODCD").is_some(),
            ..plain(row, Class::Vmp, "VPID", "NM")?
        };
        let detail = self.details.entry(product.id).or_default();
        detail.unit_dose = row.id("UNIT_DOSE_UOMCD")?;
        detail.unit_dose_size = row.amount("UDFS")?.zip(row.id("UDFS_UOMCD")?);
        self.add(row, product, "VPIDPREV")
    }

    fn ingredient_of_vmp(&mut self, row: &Row<'_>) -> Result<(), String> {
        let ingredient = Ingredient {
            substance: row.own_id("ISID")?,
            basis: row.id("BS_SUBID")?,
            numerator: row.amount("STRNT_NMRTR_VAL")?.zip(row.id("STRNT_NMRTR_UOMCD")?),
            denominator: row.amount("STRNT_DNMTR_VAL")?.zip(row.id("STRNT_DNMTR_UOMCD")?),
        };
        self.details.entry(row.own_id("VPID")?).or_default().ingredients.push(ingredient);
        Ok(())
    }

    fn of_vmp(
        &mut self,
        row: &Row<'_>,
        field: &str,
        list: fn(&mut super::VmpDetail) -> &mut Vec<u64>,
    ) -> Result<(), String> {
        let id = row.own_id(field)?;
        list(self.details.entry(row.own_id("VPID")?).or_default()).push(id);
        Ok(())
    }

    fn amp(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = Product {
            parent: Some(row.own_id("VPID")?),
            description: row.text("DESC").map(Box::from),
            previous_name: row.text("NM_PREV").or_else(|| row.text("NMPREV")).map(Box::from),
            supplier: row.id("SUPPCD")?,
            is_combination: row.text("COMBPRODCD").is_some(),
            ..plain(row, Class::Amp, "APID", "NM")?
        };
        self.add(row, product, "APIDPREV")
    }

    fn vmpp(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = Product {
            parent: Some(row.own_id("VPID")?),
            is_combination: row.text("COMBPACKCD").is_some(),
            ..plain(row, Class::Vmpp, "VPPID", "NM")?
        };
        self.add(row, product, "VPPIDPREV")
    }

    fn ampp(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = Product {
            parent: Some(row.own_id("APID")?),
            pack_of: row.id("VPPID")?,
            is_combination: row.text("COMBPACKCD").is_some(),
            ..plain(row, Class::Ampp, "APPID", "NM")?
        };
        self.add(row, product, "APPIDPREV")
    }

    fn combination(&mut self, row: &Row<'_>) -> Result<(), String> {
        let pair = [("PRNTVPPID", "CHLDVPPID"), ("PRNTAPPID", "CHLDAPPID")];
        for (parent, child) in pair {
            if let (Some(parent), Some(child)) = (row.id(parent)?, row.id(child)?) {
                self.combinations.entry(parent).or_default().push(child);
            }
        }
        Ok(())
    }

    fn ingredient(&mut self, row: &Row<'_>) -> Result<(), String> {
        let product = plain(row, Class::Ingredient, "ISID", "NM")?;
        self.add_part(row, product, "ISIDPREV")
    }

    fn look_up(&mut self, row: &Row<'_>, class: Class) -> Result<(), String> {
        let product = plain(row, class, "CD", "DESC")?;
        self.add_part(row, product, "CDPREV")
    }

    /// A part of medicines never takes the place of a medicine or of another part.
    fn add_part(&mut self, row: &Row<'_>, product: Product, previous: &str) -> Result<(), String> {
        if let Some(previous) = row.id(previous)? {
            self.replaced_by(previous, product.id);
        }
        self.products.entry(product.id).or_insert(product);
        Ok(())
    }
}

fn plain(row: &Row<'_>, class: Class, id: &str, name: &str) -> Result<Product, String> {
    Ok(Product {
        id: row.own_id(id)?,
        class,
        name: row.own_text(name)?,
        description: None,
        previous_name: None,
        is_invalid: row.is_set("INVALID"),
        parent: None,
        pack_of: None,
        supplier: None,
        is_combination: false,
    })
}
