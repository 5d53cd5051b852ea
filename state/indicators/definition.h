// What is published under which id: definitions are data (DOMAIN §4, R14, A10).
//
// A definition names its measures and the parameters they are counted with. Those shipped are in definitions/*.toml;
// more can be given as text without compiling. Immutable once made; any thread may read them.
//
//   const Definition* main = Definitions::Shipped().Find("nki-gp-specialist/3.0");
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"

namespace flosync {

class Measure;

// What counts as one GP (R14).
enum class CountUnit : uint8_t { kAgreement, kUniqueDoctor };

// Which day of a month its figure is of.
enum class ReferenceDay : uint8_t { kFirstOfMonth, kLastOfMonth };

// When earlier snapshots are looked at for corrections (B3).
enum class CorrectionCheck : uint8_t { kFirstOfMonth, kDaily };

// How facts are derived; the same for all definitions that are published together.
struct Derivation {
  std::vector<std::string> counted_relationships = {"LPFL"};  // R10; sorted
  std::chrono::milliseconds cutoff_delay = std::chrono::hours(6);
  CorrectionCheck correction_check = CorrectionCheck::kFirstOfMonth;
  bool operator==(const Derivation&) const = default;
};

struct Definition {
  std::string id;    // name and version, e.g. "gp-statistics/1.0"
  std::string from;  // year or year-month it was first published; tells, restricts nothing (A10)
  ReferenceDay reference_day = ReferenceDay::kFirstOfMonth;
  bool published = false;             // in live figures and snapshots
  std::optional<Day> structure_date;  // of its areas where nobody asks for another; nothing = the reference date
  CountUnit unit = CountUnit::kUniqueDoctor;
  Day entered_since{2017, 3, 1};  // D7
  Derivation derivation;
  struct Selection {
    const Measure* measure = nullptr;
    std::vector<int32_t> breakdowns;  // indexes into the measure's, ascending
  };
  std::vector<Selection> measures;  // by id

  // The reference date of a month: its first or last day.
  [[nodiscard]] Day ReferenceDateOf(int year, int month) const;
};

class Definitions {
 public:
  [[nodiscard]] static const Definitions& Shipped();
  // Definitions out of TOML texts, each with the name that errors call it by; `add_to` are kept. Fails naming file and
  // key: an id given twice, a measure or breakdown there is not, published definitions that derive differently.
  [[nodiscard]] static absl::StatusOr<Definitions> Parse(
      const std::vector<std::pair<std::string, std::string>>& named_texts, const Definitions* add_to = nullptr);

  // nullptr if there is none.
  [[nodiscard]] const Definition* Find(std::string_view id) const;
  // By id.
  [[nodiscard]] const std::vector<std::shared_ptr<const Definition>>& all() const { return all_; }
  // Those of live figures and snapshots, by id.
  [[nodiscard]] const std::vector<const Definition*>& published() const { return published_; }
  // How the published ones derive; the same for all of them.
  [[nodiscard]] const Derivation& derivation() const { return published_.front()->derivation; }

 private:
  std::vector<std::shared_ptr<const Definition>> all_;
  std::vector<const Definition*> published_;
};

}  // namespace flosync
