#include "tests/support/plain_model.h"

#include <algorithm>
#include <map>
#include <utility>

#include "state/audit/plain_figures.h"

namespace flosync {
namespace {

// Every change that was known before K, by entity, in the order of position (B9, E3, E4, R6).
class KnownHistories final : public HistorySource {
 public:
  KnownHistories(const std::vector<DecodedRecord>& read, const RecordsQuestion& question) {
    for (const DecodedRecord& record : read) {
      if (record.topic) Take(record, question);
    }
    for (auto& [entity, history] : histories_) {
      std::ranges::sort(history, {}, &KnownRecord::position);
    }
  }

  [[nodiscard]] absl::Status Each(EntityKind kind, const Visit& visit) const override {
    for (const auto& [entity, history] : histories_) {
      if (entity.kind != kind) continue;
      if (absl::Status visited = visit(entity.id, history); !visited.ok()) return visited;
    }
    return absl::OkStatus();
  }
  [[nodiscard]] absl::StatusOr<EntityHistory> Of(const EntityId& entity) const override {
    const auto it = histories_.find(entity);
    return it == histories_.end() ? EntityHistory() : it->second;
  }

 private:
  struct Partition {
    int64_t last_offset = -1;
    Instant effective = Instant::Min();
  };

  void Take(const DecodedRecord& record, const RecordsQuestion& question) {
    Partition& partition = partitions_[{*record.topic, record.partition}];
    if (record.offset <= partition.last_offset) return;
    partition.last_offset = record.offset;
    partition.effective = std::max(partition.effective, record.timestamp);
    Instant known_from = partition.effective;
    if (question.learnt) {
      const auto late = question.learnt->find(PlaceOf(record));
      if (late != question.learnt->end()) known_from = std::max(known_from, late->second);
    }
    if (known_from >= question.known_at) return;
    for (const DecodedChange& c : record.changes) {
      const Position position{partition.effective, *record.topic, record.partition, record.offset, c.index};
      histories_[EntityOf(c.change)].push_back({position, ToHistory(c.change)});
    }
  }

  std::map<std::pair<Topic, int32_t>, Partition> partitions_;
  std::map<EntityId, EntityHistory> histories_;
};

}  // namespace

FigureMap CountRecords(const std::vector<DecodedRecord>& in_read_order, const AreaFrame& frame,
                       const RecordsQuestion& question) {
  const Definitions& definitions = Definitions::Shipped();
  const KnownHistories histories(in_read_order, question);
  // Nothing in memory can fail to be read.
  const auto lists = ReadLists(histories, {question.d, question.t, definitions.derivation().counted_relationships});
  FigureMap figures;
  for (auto& [name, figure] : CountPlainly(lists.value(), frame, definitions.published(), question.d)) {
    figures[CellName(name.area, name.measure, name.breakdown)] = figure;
  }
  return figures;
}

}  // namespace flosync
