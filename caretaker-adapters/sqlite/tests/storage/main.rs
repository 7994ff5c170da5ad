//! What this adapter promises beside the ports' suites: opening, durability, grouping, forgetting.

#[cfg(test)]
mod arriving;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod durable;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod places;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tenure;
