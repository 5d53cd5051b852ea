// Lets the calling thread give way to the others: where all want the processors, 5 leaves it a third of what another
// gets, 19 a seventieth; what nobody else wants it gets. Changes that thread alone (Linux keeps a niceness for each);
// call it once, when the thread begins.
#pragma once

namespace flosync {

// Of threads that take records in: a reload delays no answer, and no update that is told.
inline constexpr int kIntakeNiceness = 5;
// Of what nobody waits for.
inline constexpr int kLowestNiceness = 19;

// Adds to the niceness that the process was started with.
void GiveWay(int niceness);

}  // namespace flosync
