//! How much work one resource may cause: a bound on steps, for what would otherwise grow with a product of two sizes.

/// Steps left.
#[derive(Debug)]
pub struct Budget(usize);

/// A form of a thousand questions answered a hundred times takes a fifth of it.
const MOST_STEPS: usize = 1_000_000;

impl Default for Budget {
    fn default() -> Budget {
        Budget(MOST_STEPS)
    }
}

impl Budget {
    /// Takes steps; false when there are none left.
    pub fn spend(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(steps);
        self.0 > 0
    }

    /// Whether all steps are spent.
    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }
}
