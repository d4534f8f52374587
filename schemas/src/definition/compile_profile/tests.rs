//! Small StructureDefinitions and the trees they give.

mod built_in;
mod hostile;
mod merging;
mod shown;
mod slices;
