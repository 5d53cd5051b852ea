// The register as known at one instant after another: a walk through the whole history (R6, B5).
//
// Operation: Load reads every record that a figure can depend on; AdvanceTo takes in those known before an instant,
// which never goes back. An entity of which a record was learnt late is folded anew from all that is known of it. Holds
// the history in memory: some hundred bytes a record, of persons only those whom doctor periods name; a copy is another
// place in the same history. Not thread-safe.
//
//   auto known = KnownRegister::Load(view);
//   known->AdvanceTo(ReferenceInstant(Day(2024, 3, 1)));
//   known->reg();  // what edition 1 of March counts
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include <absl/status/statusor.h>

#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

class KnownRegister {
 public:
  // Errors are those of the store.
  [[nodiscard]] static absl::StatusOr<KnownRegister> Load(const View& view);

  // Contract ids whose figures may change, each with the earliest reference date that can see it.
  using Reach = std::map<int64_t, Day>;
  // Takes in the records with a timestamp before `instant` and tells what that can reach.
  Reach AdvanceTo(Instant instant);

  [[nodiscard]] const Register& reg() const { return register_; }

 private:
  struct Waiting {
    Instant known_from;  // of its position, or when it was learnt (LateRecords)
    Position position;
    EntityId entity;
    KnownChange change;
  };

  struct Change {
    EntityState before;
    EntityState after;
  };
  // Puts in `changes` what all records known so far give.
  void FoldAgain(const std::set<EntityId>& entities, std::map<EntityId, Change>& changes) const;

  std::shared_ptr<const std::vector<Waiting>> records_;  // as they became known, then by position; shared by copies
  size_t next_ = 0;
  Register register_;
};

}  // namespace flosync
