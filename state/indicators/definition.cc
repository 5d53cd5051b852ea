#include "state/indicators/definition.h"

#include <algorithm>
#include <set>

// Errors as values.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "domain/text.h"
#include "state/indicators/measure.h"
#include "state/indicators/shipped_definitions.h"

namespace flosync {
namespace {

// Reads one file's keys, and remembers the first thing that is wrong.
class Reader {
 public:
  Reader(std::string name, const toml::table& table) : name_(std::move(name)), table_(table) {}

  Definition Read() {
    Only(table_,
         {"id", "from", "reference_day", "published", "structure_date", "measures", "breakdowns", "parameters"});
    Definition definition;
    definition.id = Text(table_, "id", "");
    if (Split(definition.id, '/').size() != 2) Fail("id", "name and version, e.g. \"gp-statistics/1.0\"");
    definition.from = Text(table_, "from", "");
    definition.published = Flag("published");
    definition.structure_date = Date(table_, "structure_date");
    const std::string day = Text(table_, "reference_day", "first_of_month");
    if (day == "last_of_month") {
      definition.reference_day = ReferenceDay::kLastOfMonth;
    } else if (day != "first_of_month") {
      Fail("reference_day", "\"first_of_month\" or \"last_of_month\"");
    }
    ReadMeasures(definition);
    if (const toml::table* parameters = table_["parameters"].as_table()) ReadParameters(*parameters, definition);
    return definition;
  }

  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  void Fail(std::string_view key, std::string_view expected) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(Join(name_, ": ", key, ": expected ", expected));
  }

  void Only(const toml::table& table, const std::set<std::string_view>& known) {
    for (const auto& [key, value] : table) {
      if (!known.contains(key.str())) Fail(key.str(), "no such key; see the shipped definitions for those there are");
    }
  }

  std::string Text(const toml::table& table, std::string_view key, std::string otherwise) {
    const auto node = table[key];
    if (!node) return otherwise;
    if (const auto text = node.value_exact<std::string>()) return *text;
    Fail(key, "a text");
    return otherwise;
  }

  bool Flag(std::string_view key) {
    const auto node = table_[key];
    if (node && !node.is_boolean()) Fail(key, "true or false");
    return node.value_or(false);
  }

  std::optional<Day> Date(const toml::table& table, std::string_view key) {
    const auto node = table[key];
    if (!node) return std::nullopt;
    if (const auto date = node.value<toml::date>()) return Day(date->year, date->month, date->day);
    Fail(key, "a date, e.g. 2024-01-01");
    return std::nullopt;
  }

  std::vector<std::string> Texts(const toml::table& table, std::string_view key) {
    std::vector<std::string> texts;
    const toml::array* array = table[key].as_array();
    for (size_t i = 0; array && i < array->size(); ++i) {
      if (const auto text = array->get(i)->value_exact<std::string>()) texts.push_back(*text);
    }
    if (texts.empty() || texts.size() != array->size()) Fail(key, "a list of texts");
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
  }

  void ReadMeasures(Definition& definition) {
    const toml::table* only = table_["breakdowns"].as_table();
    std::set<std::string_view> chosen;
    for (const std::string& id : Texts(table_, "measures")) {
      const Measure* measure = FindMeasure(id);
      if (!measure) {
        Fail("measures", Join("measures there are; \"", id, "\" is none"));
        return;
      }
      chosen.insert(measure->id());
      Definition::Selection selection{measure, {}};
      const std::vector<std::string> names = only && only->contains(id) ? Texts(*only, id) : measure->breakdowns();
      for (const std::string& name : names) {
        const auto at = std::ranges::find(measure->breakdowns(), name);
        if (at == measure->breakdowns().end()) {
          Fail(Join("breakdowns.", id), "breakdowns of that measure");
          return;
        }
        selection.breakdowns.push_back(static_cast<int32_t>(at - measure->breakdowns().begin()));
      }
      definition.measures.push_back(std::move(selection));
    }
    if (only) Only(*only, chosen);
  }

  void ReadParameters(const toml::table& table, Definition& definition) {
    Only(table, {"unit", "counted_relationships", "cutoff_delay_minutes", "correction_check", "entered_since"});
    const std::string unit = Text(table, "unit", "unique_doctor");
    if (unit == "agreement") {
      definition.unit = CountUnit::kAgreement;
    } else if (unit != "unique_doctor") {
      Fail("unit", "\"agreement\" or \"unique_doctor\"");
    }
    if (table.contains("counted_relationships")) {
      definition.derivation.counted_relationships = Texts(table, "counted_relationships");
    }
    constexpr int64_t kMinutesOfDay = 1440;
    const int64_t minutes = table["cutoff_delay_minutes"].value_or(int64_t{360});
    if (minutes < 0 || minutes >= kMinutesOfDay) Fail("cutoff_delay_minutes", "whole minutes, 0 to 1439");
    definition.derivation.cutoff_delay = std::chrono::minutes(minutes);
    const std::string check = Text(table, "correction_check", "first_of_month");
    if (check == "daily") {
      definition.derivation.correction_check = CorrectionCheck::kDaily;
    } else if (check != "first_of_month") {
      Fail("correction_check", "\"first_of_month\" or \"daily\"");
    }
    definition.entered_since = Date(table, "entered_since").value_or(definition.entered_since);
  }

  std::string name_;
  const toml::table& table_;
  absl::Status status_;
};

absl::StatusOr<Definition> ParseOne(const std::string& name, const std::string& text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return absl::InvalidArgumentError(Join(name, ", line ", parsed.error().source().begin.line, ": ",
                                           std::string_view(parsed.error().description())));
  }
  Reader reader(name, parsed.table());
  Definition definition = reader.Read();
  if (!reader.status().ok()) return reader.status();
  return definition;
}

}  // namespace

Day Definition::ReferenceDateOf(int year, int month) const {
  const Day first(year, month, 1);
  return reference_day == ReferenceDay::kFirstOfMonth ? first : first.PlusMonths(1).Plus(-1);
}

const Definitions& Definitions::Shipped() {
  static const Definitions* const shipped = [] {
    auto parsed = Parse(ShippedDefinitions());
    // The shipped definitions are part of the program; a test holds them readable.
    return new Definitions(std::move(parsed).value());
  }();
  return *shipped;
}

absl::StatusOr<Definitions> Definitions::Parse(const std::vector<std::pair<std::string, std::string>>& named_texts,
                                               const Definitions* add_to) {
  Definitions definitions;
  if (add_to) definitions.all_ = add_to->all_;
  for (const auto& [name, text] : named_texts) {
    auto definition = ParseOne(name, text);
    if (!definition.ok()) return definition.status();
    if (definitions.Find(definition->id)) {
      return absl::InvalidArgumentError(Join(name, ": id: there is a definition ", definition->id,
                                             " already; a change of a definition is a new version of it"));
    }
    definitions.all_.push_back(std::make_shared<Definition>(*std::move(definition)));
  }
  std::ranges::sort(definitions.all_, [](const auto& a, const auto& b) { return a->id < b->id; });
  for (const auto& definition : definitions.all_) {
    if (!definition->published) continue;
    definitions.published_.push_back(definition.get());
    if (!(definition->derivation == definitions.derivation()) || definition->structure_date) {
      return absl::InvalidArgumentError(
          Join(definition->id,
               ": what is published together must have the same counted_relationships, "
               "cutoff_delay_minutes and correction_check and no structure_date; set published = false"));
    }
  }
  if (definitions.published_.empty()) return absl::InvalidArgumentError("definitions: none has published = true");
  return definitions;
}

const Definition* Definitions::Find(std::string_view id) const {
  for (const auto& definition : all_) {
    if (definition->id == id) return definition.get();
  }
  return nullptr;
}

}  // namespace flosync
