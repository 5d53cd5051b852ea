#include "connectors/kafka/topic_partition.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace flosync {
namespace {

constexpr absl::string_view kPrefix = "kafka/";

}  // namespace

std::string MarkName(const TopicPartition& where) { return absl::StrCat(kPrefix, where.topic, "/", where.partition); }

absl::StatusOr<std::map<TopicPartition, int64_t>> ReadMarks(const SourceMarks& marks) {
  std::map<TopicPartition, int64_t> positions;
  for (const auto& [name, text] : marks) {
    if (!absl::StartsWith(name, kPrefix)) continue;
    const absl::string_view rest = absl::string_view(name).substr(kPrefix.size());
    const size_t slash = rest.rfind('/');
    TopicPartition where;
    int64_t position = 0;
    if (slash == absl::string_view::npos || slash == 0 || !absl::SimpleAtoi(rest.substr(slash + 1), &where.partition) ||
        where.partition < 0 || !absl::SimpleAtoi(text, &position) || position < 0) {
      return absl::DataLossError(
          absl::StrCat("the stored mark \"", name, "\" = \"", text,
                       "\" is no Kafka position: restore a backup, or rebuild the state from a full load"));
    }
    where.topic = std::string(rest.substr(0, slash));
    positions.emplace(std::move(where), position);
  }
  return positions;
}

}  // namespace flosync
