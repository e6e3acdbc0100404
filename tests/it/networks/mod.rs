//! One story for each network that the house ships: a period of its life, with figures that were worked out by hand.

pub(crate) mod changji;
