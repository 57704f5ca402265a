//! Commitments in MFOTL: what they look like, and whether MonPoly and VeriMon
//! judge the same streams the same.

mod formulas;
mod pairs;
mod peer;
