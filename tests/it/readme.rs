//! What README says is so.
