// Lets the calling thread give way to the others: where all want the processors, 5 leaves it a third of what another
// gets, 19 a seventieth; what nobody else wants it gets. Linux keeps a niceness for each thread, and threads that
// it starts begin with its own (RocksDB's may). Call it once, when the thread begins.
#pragma once

namespace flosync {

// Of threads that take records in: a reload delays no answer. Where calls take all there is, records take longer.
inline constexpr int kIntakeNiceness = 5;
// Of what nobody waits for.
inline constexpr int kLowestNiceness = 19;

// Adds to the niceness that the process was started with.
void GiveWay(int niceness);

}  // namespace flosync
