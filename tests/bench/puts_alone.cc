#include "tests/bench/puts_alone.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "state/store/keys.h"
#include "tests/bench/measuring.h"
#include "tests/support/must.h"
#include "tests/unit/temp_directory.h"

namespace flosync::bench {
namespace {

struct Entry {
  HistoryKeyParts parts;
  std::string value;
};

std::vector<Entry> ReadHistory(const View& view) {
  std::vector<Entry> entries;
  Must(view.Each(Family::kHistory, "", [&](std::string_view key, std::string_view value) {
    entries.push_back({ReadHistoryKey(key), std::string(value)});
    return true;
  }));
  std::ranges::sort(entries, {}, [](const Entry& entry) { return entry.parts.position; });
  return entries;
}

std::map<EntityId, std::string> ReadHeads(const View& view) {
  std::map<EntityId, std::string> heads;
  Must(view.Each(Family::kHeads, "", [&](std::string_view key, std::string_view value) {
    heads.emplace(ReadEntityKey(key), value);
    return true;
  }));
  return heads;
}

}  // namespace

PutsAlone WriteAgain(const Store& from, size_t records_per_commit) {
  const View view(from);
  const std::vector<Entry> history = ReadHistory(view);
  const std::map<EntityId, std::string> heads = ReadHeads(view);
  const TempDirectory directory;
  const auto store = Must(Store::Open(directory.path()));
  const Span span;
  size_t puts = 0;
  size_t commits = 0;
  for (size_t begin = 0; begin < history.size(); begin += records_per_commit, ++commits) {
    Batch batch(*store);
    // The versions of an entity within a commit give one state.
    std::map<EntityId, std::string_view> states;
    for (size_t i = begin; i < std::min(history.size(), begin + records_per_commit); ++i, ++puts) {
      const Entry& entry = history[i];
      batch.Put(Family::kHistory, HistoryKey(entry.parts.entity, entry.parts.position), entry.value);
      if (const auto head = heads.find(entry.parts.entity); head != heads.end()) states[head->first] = head->second;
    }
    for (const auto& [entity, state] : states) batch.Put(Family::kHeads, EntityKey(entity), state);
    puts += states.size();
    Must(store->Commit(batch));
  }
  const double seconds = span.seconds();
  return {static_cast<double>(history.size()) / seconds, static_cast<double>(puts) / seconds,
          commits == 0 ? 0 : seconds / static_cast<double>(commits)};
}

}  // namespace flosync::bench
