#include "tests/support/watch_validators.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

constexpr int kMaxUpdates = 100;

// An update as it was seen, with where.
struct SeenUpdate {
  int64_t revision = 0;
  FigureUpdate update;
  size_t connection = 0;
};

FigureUpdate Describe(const v1::IndicatorUpdate& update) {
  return {FigureName(update.has_new_row() ? update.new_row() : update.old_row()),
          update.has_old_row() ? update.old_row().SerializeAsString() : "",
          update.has_new_row() ? update.new_row().SerializeAsString() : ""};
}

// The changes of the history, without those of initial states.
std::vector<SeenUpdate> Changes(const SeenHistory& history) {
  std::vector<SeenUpdate> changes;
  for (size_t connection = 0; connection < history.size(); ++connection) {
    for (const auto& message : history[connection]) {
      if (message.initial_state()) continue;
      for (const auto& update : message.updates())
        changes.push_back({message.revision(), Describe(update), connection});
    }
  }
  return changes;
}

// The updates that happened after `revision`, in order.
std::vector<SeenUpdate> ChangesAfter(const WatchTruth& truth, int64_t revision) {
  std::vector<SeenUpdate> changes;
  for (auto it = truth.revisions.upper_bound(revision); it != truth.revisions.end(); ++it) {
    for (const FigureUpdate& update : it->second) changes.push_back({it->first, update, 0});
  }
  return changes;
}

// The revision after which the consumer is told changes: that of the last initial state it saw whole, else of its first
// message.
int64_t Start(const SeenHistory& history) {
  int64_t start = history.front().empty() ? 0 : history.front().front().revision();
  for (const auto& connection : history) {
    for (const auto& message : connection) {
      if (message.initial_state() && message.revision_complete()) start = message.revision();
    }
  }
  return start;
}

// Checks one initial state, whole or its beginning, against the figures of its revision.
AssertionResult CheckInitialState(const SeenConnection& connection, const WatchTruth& truth) {
  std::map<std::string, std::string> seen;
  std::optional<int64_t> revision;
  bool complete = false;
  for (const auto& message : connection) {
    if (!message.initial_state()) continue;
    if (complete) return AssertionFailure() << "initial state goes on after it was complete";
    if (revision && *revision != message.revision()) return AssertionFailure() << "initial state of two revisions";
    revision = message.revision();
    complete = message.revision_complete();
    for (const auto& update : message.updates()) {
      if (update.has_old_row()) return AssertionFailure() << "old row in an initial state";
      if (!seen.emplace(FigureName(update.new_row()), update.new_row().SerializeAsString()).second) {
        return AssertionFailure() << "twice in an initial state: " << FigureName(update.new_row());
      }
    }
  }
  if (!revision) return AssertionSuccess();
  const auto& state = truth.states.at(*revision);
  for (const auto& [name, row] : seen) {
    const auto it = state.find(name);
    if (it == state.end() || it->second != row) return AssertionFailure() << "initial state has another " << name;
  }
  if (complete && seen.size() != state.size()) {
    return AssertionFailure() << "initial state has " << seen.size() << " figures of " << state.size();
  }
  return AssertionSuccess();
}

// Up to where the history says that everything was sent.
int64_t CompleteUpTo(const SeenHistory& history) {
  int64_t complete = 0;
  for (const auto& connection : history) {
    for (const auto& message : connection) {
      if (message.progress() || message.revision_complete()) complete = std::max(complete, message.revision());
    }
  }
  return complete;
}

}  // namespace

std::string FigureName(const v1::IndicatorRow& row) {
  return Join(static_cast<int>(row.area().level()), "/", row.area().code(), "/", row.measure(), "/", row.breakdown());
}

void WatchTruth::Note(int64_t revision, const google::protobuf::RepeatedPtrField<v1::IndicatorRow>& rows) {
  std::map<std::string, std::string> state;
  std::vector<FigureUpdate>& changed = revisions[revision];
  const auto* before = states.empty() ? nullptr : &states.rbegin()->second;
  for (const v1::IndicatorRow& row : rows) {
    const std::string name = FigureName(row);
    std::string after = row.SerializeAsString();
    if (before != nullptr) {
      const auto was = before->find(name);
      std::string old = was == before->end() ? "" : was->second;
      if (old != after) changed.push_back({name, std::move(old), after});
    }
    state[name] = std::move(after);
  }
  for (const auto& [name, row] : before == nullptr ? state : *before) {
    if (!state.contains(name)) changed.push_back({name, row, ""});
  }
  states[revision] = std::move(state);
}

AssertionResult Ordered::Check(const SeenHistory& history, const WatchTruth& truth) {
  std::map<int64_t, std::map<std::string, size_t>> place;
  for (const auto& [revision, updates] : truth.revisions) {
    for (size_t i = 0; i < updates.size(); ++i) place[revision][updates[i].figure] = i;
  }
  std::pair<int64_t, size_t> last{-1, 0};
  for (const SeenUpdate& seen : Changes(history)) {
    const std::pair<int64_t, size_t> here{seen.revision, place[seen.revision][seen.update.figure]};
    if (here < last)
      return AssertionFailure() << "revision " << seen.revision << " out of order at " << seen.update.figure;
    last = here;
  }
  for (const auto& connection : history) {
    int64_t revision = 0;
    for (const auto& message : connection) {
      if (message.revision() < revision)
        return AssertionFailure() << "a message of an earlier revision " << message.revision();
      revision = message.revision();
    }
  }
  return AssertionSuccess();
}

AssertionResult Unique::Check(const SeenHistory& history, const WatchTruth& /*truth*/) {
  std::set<std::pair<int64_t, std::string>> seen;
  for (const SeenUpdate& change : Changes(history)) {
    if (!seen.emplace(change.revision, change.update.figure).second) {
      return AssertionFailure() << "twice: " << change.update.figure << " of revision " << change.revision;
    }
  }
  return AssertionSuccess();
}

AssertionResult Reliable::Check(const SeenHistory& history, const WatchTruth& truth) {
  for (const auto& connection : history) {
    if (AssertionResult state = CheckInitialState(connection, truth); !state) return state;
  }
  const std::vector<SeenUpdate> expected = ChangesAfter(truth, Start(history));
  std::set<std::pair<int64_t, std::string>> seen;
  for (const SeenUpdate& change : Changes(history)) {
    seen.emplace(change.revision, change.update.figure);
    const auto revision = truth.revisions.find(change.revision);
    if (revision == truth.revisions.end() ||
        std::find(revision->second.begin(), revision->second.end(), change.update) == revision->second.end()) {
      return AssertionFailure() << "made up: " << change.update.figure << " of revision " << change.revision;
    }
  }
  for (const SeenUpdate& change : expected) {
    if (change.revision <= CompleteUpTo(history) && !seen.contains({change.revision, change.update.figure})) {
      return AssertionFailure() << "missing: " << change.update.figure << " of revision " << change.revision;
    }
  }
  return AssertionSuccess();
}

AssertionResult Atomic::Check(const SeenHistory& history, const WatchTruth& truth) {
  std::map<int64_t, size_t> sent;
  int64_t open_revision = 0;  // begun and not complete; 0 = none
  for (const auto& connection : history) {
    bool first = true;
    for (const auto& message : connection) {
      const bool opening = std::exchange(first, false);
      if (message.updates_size() > kMaxUpdates)
        return AssertionFailure() << message.updates_size() << " updates in a message";
      if (message.initial_state()) continue;
      if (message.progress()) {
        if (!message.updates().empty()) return AssertionFailure() << "progress with updates";
        // The message that opens a connection cannot wait; it does not claim the revision.
        if (open_revision != 0 && (!opening || message.revision() >= open_revision)) {
          return AssertionFailure() << "progress within revision " << open_revision;
        }
        continue;
      }
      if (open_revision != 0 && message.revision() != open_revision) {
        return AssertionFailure() << "revision " << message.revision() << " before " << open_revision
                                  << " was complete";
      }
      sent[message.revision()] += static_cast<size_t>(message.updates_size());
      const size_t all = truth.revisions.at(message.revision()).size();
      if (message.revision_complete() != (sent[message.revision()] == all)) {
        return AssertionFailure() << "revision " << message.revision() << " has " << all
                                  << " updates, complete=" << message.revision_complete() << " after "
                                  << sent[message.revision()];
      }
      open_revision = message.revision_complete() ? 0 : message.revision();
    }
  }
  return AssertionSuccess();
}

AssertionResult Resumable::Check(const SeenHistory& history, const WatchTruth& truth) {
  for (const auto& connection : history) {
    for (const auto& message : connection) {
      if (message.resume_token().empty()) return AssertionFailure() << "no token at revision " << message.revision();
    }
  }
  const std::vector<SeenUpdate> expected = ChangesAfter(truth, Start(history));
  const std::vector<SeenUpdate> seen = Changes(history);
  for (size_t i = 0; i < seen.size(); ++i) {
    const bool resumed = i > 0 && seen[i].connection != seen[i - 1].connection;
    if (!resumed) continue;
    if (i >= expected.size() || expected[i].update != seen[i].update || expected[i].revision != seen[i].revision) {
      return AssertionFailure() << "connection " << seen[i].connection << " did not go on with the next update";
    }
  }
  return AssertionSuccess();
}

AssertionResult Bookmarkable::Check(const SeenHistory& history, const WatchTruth& truth) {
  std::set<std::pair<int64_t, std::string>> seen;
  const std::vector<SeenUpdate> expected = ChangesAfter(truth, Start(history));
  for (const auto& connection : history) {
    if (!connection.empty() && !connection.front().progress()) return AssertionFailure() << "begins without progress";
    for (const auto& message : connection) {
      for (const auto& update : message.updates()) {
        if (!message.initial_state()) seen.emplace(message.revision(), Describe(update).figure);
      }
      if (!message.progress()) continue;
      for (const SeenUpdate& change : expected) {
        if (change.revision > message.revision()) break;
        if (!seen.contains({change.revision, change.update.figure})) {
          return AssertionFailure() << "progress " << message.revision() << " before " << change.update.figure << " of "
                                    << change.revision;
        }
      }
    }
  }
  return AssertionSuccess();
}

void ExpectAllGuarantees(const SeenHistory& history, const WatchTruth& truth) {
  EXPECT_TRUE(Ordered::Check(history, truth));
  EXPECT_TRUE(Unique::Check(history, truth));
  EXPECT_TRUE(Reliable::Check(history, truth));
  EXPECT_TRUE(Atomic::Check(history, truth));
  EXPECT_TRUE(Resumable::Check(history, truth));
  EXPECT_TRUE(Bookmarkable::Check(history, truth));
}

}  // namespace flosync
