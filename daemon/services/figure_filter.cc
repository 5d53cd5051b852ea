#include "daemon/services/figure_filter.h"

#include <algorithm>
#include <vector>

#include "daemon/services/errors.h"
#include "domain/text.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr int kMaxEntries = 1000;  // of each list
constexpr size_t kMaxViolations = 20;
constexpr size_t kHashLength = 32;

std::string FieldName(std::string_view list, int index) { return Join("filter.", list, "[", index, "]"); }

bool AnyMeasure(const std::function<bool(const Measure&)>& holds) {
  return std::ranges::any_of(Measures(), [&](const Measure* measure) { return holds(*measure); });
}

bool MeasureExists(std::string_view id) {
  return AnyMeasure([&](const Measure& measure) { return measure.id() == id; });
}
bool BreakdownExists(std::string_view id) {
  return AnyMeasure([&](const Measure& measure) {
    return std::ranges::find(measure.breakdowns(), id) != measure.breakdowns().end();
  });
}

// Reads the lists of names, noting what is wrong with them.
class ListReader {
 public:
  explicit ListReader(std::vector<FieldViolation>* violations) : violations_(violations) {}

  // True if the list is short enough to be looked at.
  bool Fits(std::string_view list, int entries) {
    if (entries <= kMaxEntries) return true;
    Note(Join("filter.", list), Join("has ", entries, " entries; at most ", kMaxEntries, " are allowed"));
    return false;
  }
  template <typename Names>
  void Read(std::string_view list, const google::protobuf::RepeatedPtrField<std::string>& in,
            const std::function<bool(std::string_view)>& exists, std::string_view what, Names& out) {
    if (!Fits(list, in.size())) return;
    for (int i = 0; i < in.size(); ++i) {
      if (!exists(in[i])) Note(FieldName(list, i), Join("there is no such ", what));
      out.insert(in[i]);
    }
  }
  void Note(std::string field, std::string description) {
    if (violations_->size() < kMaxViolations) violations_->push_back({std::move(field), std::move(description)});
  }

 private:
  std::vector<FieldViolation>* violations_;
};

}  // namespace

grpc::Status FigureFilter::Read(const v1::IndicatorFilter& request, const Definitions& definitions,
                                const std::function<bool(std::string_view)>& area_exists, FigureFilter& filter) {
  filter = FigureFilter();
  std::vector<FieldViolation> violations;
  ListReader reader(&violations);
  const auto definition_exists = [&](std::string_view id) { return definitions.Find(id) != nullptr; };
  reader.Read("definitions", request.definitions(), definition_exists, "definition", filter.definitions_);
  reader.Read("measures", request.measures(), MeasureExists, "measure", filter.measures_);
  reader.Read("breakdowns", request.breakdowns(), BreakdownExists, "breakdown", filter.breakdowns_);
  reader.Read("area_codes", request.area_codes(), area_exists, "area", filter.areas_);
  if (reader.Fits("levels", request.levels_size())) {
    for (int i = 0; i < request.levels_size(); ++i) {
      const int level = request.levels(i);
      if (level < v1::LEVEL_NATION || level > v1::LEVEL_MUNICIPALITY) {
        reader.Note(FieldName("levels", i), "there is no such level");
      } else {
        filter.levels_.insert(static_cast<Level>(level - 1));
      }
    }
  }
  return violations.empty() ? grpc::Status::OK : InvalidFields("FILTER_INVALID", std::move(violations));
}

std::string FigureFilter::Hash() const {
  KeyBuilder builder;
  for (const Names* names : {&definitions_, &measures_, &breakdowns_, &areas_}) {
    builder.Number64(static_cast<int64_t>(names->size()));
    for (const std::string& name : *names) builder.Text(name);
  }
  for (const Level level : levels_) builder.Byte(static_cast<uint8_t>(level));
  return Sha256Hex({builder.Take()}).substr(0, kHashLength);
}

}  // namespace flosync
