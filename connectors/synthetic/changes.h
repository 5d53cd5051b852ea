// What is going to happen, in the order of the records' timestamps.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "connectors/synthetic/calendar.h"

namespace flosync::synthetic {

enum class ChangeKind : std::uint8_t {
  kPersonSent,           // the state as it is, under a new version
  kAuthorised,           // a = first day
  kGpSpeciality,         // a = first day, b = first day outside
  kGpSpecialityRenewed,  // a = first day outside
  kGpSpecialityEnded,    // a = first day outside, b = ended status
  kOtherSpeciality,      // a = first day, b = code
  kDeath,                // a = day
  kReaction,             // a = first day, b = first day outside, c = type * kReactionPlaces + ReactionAt
  kApprovalEnded,        // a = first day outside, b = ended status
  kPersonMerged,         // a = index of the person that remains, b = 1 if the event alone tells
  kPersonsInCycle,       // a = index of the other person; may be the same
  kPersonDeleted,
  kPersonReturned,  // after a deletion
  kPeriodOpened,
  kPeriodEnded,      // a = first day outside
  kPeriodWithdrawn,  // registered in error
  kPeriodOrphan,     // the period with a new number, on a contract numbered a that does not exist
  kListOpened,
  kListSent,
  kListCap,          // a = patients
  kListFixedSalary,  // a = 0 or 1
  kListRenumbered,   // a = municipality number
  kListClosed,       // a = first day outside
  kListMistake,      // a list registered and deleted again, b = when, in Oslo milliseconds
  kListWithdrawn,    // registered in error
  kListBackdated,    // a = patients of the cap, b = 0 or 1 for a fixed salary, c = UpdatedOn in Oslo milliseconds
  kCountBatch,       // lists entity..a (both inside), counted on day b
  kCount,            // a = patients, counted on day b
  kCountWithdrawn,
};

struct Change {
  OsloMs time = 0;  // when the register changes; the record follows at once
  ChangeKind kind = ChangeKind::kPersonSent;
  std::int32_t entity = 0;  // index into the persons, periods or lists of the World
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
};

// Changes by time; those of the same time in the order they were added.
class ChangeQueue {
 public:
  void Add(const Change& change) { changes_.emplace(std::pair{change.time, order_++}, change); }
  [[nodiscard]] bool empty() const { return changes_.empty(); }
  [[nodiscard]] OsloMs next_time() const { return changes_.begin()->first.first; }
  [[nodiscard]] std::int64_t CountBefore(OsloMs time) const {
    return std::distance(changes_.begin(), changes_.lower_bound({time, 0}));
  }
  [[nodiscard]] Change Pop() {
    const Change change = changes_.begin()->second;
    changes_.erase(changes_.begin());
    return change;
  }

 private:
  std::map<std::pair<OsloMs, std::uint64_t>, Change> changes_;
  std::uint64_t order_ = 0;
};

}  // namespace flosync::synthetic
