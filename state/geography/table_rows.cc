#include "state/geography/table_rows.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kTextMaxBytes = 200;
// A year or date beyond is a slip, or stands for "still valid".
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2100;

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t more = 0;
    if (lead >= 0x80) {
      if (lead < 0xC2 || lead > 0xF4) return false;
      more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    }
    if (i + more >= text.size()) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

// One line's fields, read by type; the first mistake is kept.
class Row {
 public:
  Row(std::string_view header, std::string_view line) : columns_(Split(header, ',')), fields_(Split(line, ',')) {
    if (!IsUtf8(line)) {
      mistake_ = "not UTF-8; save the file as UTF-8";
    } else if (line.find('"') != std::string_view::npos) {
      mistake_ = "has quotes, which are not read; write the fields without them";
    } else if (fields_.size() != columns_.size()) {
      mistake_ = Join("has ", fields_.size(), " fields; the columns are ", header);
    }
    fields_.resize(columns_.size());
  }

  [[nodiscard]] const std::string& mistake() const { return mistake_; }
  [[nodiscard]] bool Empty(size_t i) const { return fields_[i].empty(); }

  std::string Code(size_t i, size_t digits) {
    const std::string_view text = fields_[i];
    const bool good = text.size() == digits && std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
    if (!good) Wrong(i, Join("is not ", digits, " digits"));
    return std::string(text);
  }

  std::string Text(size_t i) {
    const std::string_view text = fields_[i];
    const bool steers = std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (text.empty() || text.size() > kTextMaxBytes || steers)
      Wrong(i, Join("is not a text of 1 to ", kTextMaxBytes, " bytes"));
    return std::string(text);
  }

  int32_t Number(size_t i) {
    const auto number = ParseNumber<int32_t>(fields_[i]);
    if (!number || *number < 0) Wrong(i, "is not a whole number from 0 on");
    return number.value_or(0);
  }

  int Year(size_t i) {
    const int year = Number(i);
    if (year < kFirstYear || year > kLastYear) Wrong(i, Join("is not a year from ", kFirstYear, " to ", kLastYear));
    return year;
  }

  Day Date(size_t i) {
    const auto day = ParseDay(fields_[i]);
    if (!day || day->year() < kFirstYear || day->year() > kLastYear)
      Wrong(i, Join("is not a date yyyy-MM-dd from ", kFirstYear, " to ", kLastYear));
    return day.value_or(Day());
  }

  // valid_from at `i`, valid_to behind it.
  Period Validity(size_t i) {
    const Period period{Date(i), Empty(i + 1) ? Day::Max() : Date(i + 1)};
    if (!period.Valid()) Wrong(i + 1, "is not after valid_from; leave it empty for what is valid still");
    return period;
  }

  // Which of the texts this is.
  size_t OneOf(size_t i, std::initializer_list<std::string_view> texts) {
    const auto it = std::find(texts.begin(), texts.end(), fields_[i]);
    if (it == texts.end()) {
      std::string known;
      for (const std::string_view text : texts) known += Join(known.empty() ? "" : ", ", text);
      Wrong(i, Join("is none of ", known));
    }
    return static_cast<size_t>(it - texts.begin());
  }

 private:
  void Wrong(size_t i, std::string_view what) {
    if (mistake_.empty()) mistake_ = Join(columns_[i], " \"", fields_[i].substr(0, kTextMaxBytes), "\" ", what);
  }

  std::vector<std::string_view> columns_;
  std::vector<std::string_view> fields_;
  std::string mistake_;
};

using TakeRow = std::function<void(Row&, int line)>;

absl::Status EachRow(const ReferenceTables& tables, const ReferenceFile& file, const TakeRow& take) {
  int number = 0;
  for (std::string_view line : Split(tables.*file.text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (number == 1) {
      if (line == file.header) continue;
      return WrongLine(file.name, number, Join("the header has to be ", file.header, ", without a byte order mark"));
    }
    if (line.empty()) continue;
    Row row(file.header, line);
    if (row.mistake().empty()) take(row, number);
    if (!row.mistake().empty()) return WrongLine(file.name, number, row.mistake());
  }
  return absl::OkStatus();
}

TakeRow TakePopulation(std::vector<TableRows::Population>& into) {
  return [&into](Row& row, int line) { into.push_back({row.Code(0, 4), row.Year(1), row.Number(2), line}); };
}

}  // namespace

absl::Status WrongLine(std::string_view file, int line, std::string_view what) {
  return absl::InvalidArgumentError(Join(file, ", line ", line, ": ", what));
}

absl::StatusOr<TableRows> ReadTables(const ReferenceTables& tables) {
  TableRows rows;
  // In the order of kReferenceFiles.
  const std::array<TakeRow, kReferenceFileCount> take = {
      [&rows](Row& row, int line) {
        rows.municipalities.push_back({row.Code(0, 4), row.Text(1), row.Code(2, 2), row.Validity(4), line});
      },
      [&rows](Row& row, int line) {
        rows.names.push_back({row.Code(0, 4), row.Text(1), "", row.Validity(4), line});
      },
      [&rows](Row& row, int line) {
        // The first four move a municipality.
        const size_t type = row.OneOf(5, {"renumber", "merge", "split", "split+merge", "boundary", "name"});
        rows.changes.push_back({row.Date(0), row.Code(1, 4), row.Code(3, 4), type < 4, line});
      },
      [&rows](Row& row, int line) {
        rows.counties.push_back({row.Code(0, 2), row.Text(2), "", row.Validity(3), line});
      },
      TakePopulation(rows.population),
      [&rows, exact = TakePopulation(rows.population_2024_borders)](Row& row, int line) {
        (void)row.OneOf(3, {"exact", "estimated"});
        exact(row, line);
      },
      [&rows](Row& row, int line) {
        const int32_t max = row.Empty(2) ? INT32_MAX : row.Number(2);
        rows.groups.push_back({row.Text(0), row.Text(3), row.Number(1), max, line});
      },
  };
  for (size_t i = 0; i < kReferenceFileCount; ++i) {
    if (absl::Status read = EachRow(tables, kReferenceFiles.at(i), take.at(i)); !read.ok()) return read;
  }
  return rows;
}

}  // namespace flosync
