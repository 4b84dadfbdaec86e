//! Every file in `samples`.
