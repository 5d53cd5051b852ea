// The shipped reference tables with something changed, for tests of imports.
//
//   EditedTables tables;
//   tables.Replace("population.csv", "0301,2026,730", "0301,2026,731");
//   tables.files()  // population.csv only
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "state/geography/shipped_tables.h"

namespace flosync {

class EditedTables {
 public:
  EditedTables& Replace(std::string_view file, std::string_view what, std::string_view with) {
    std::string& text = Text(file);
    const size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << file << " has no " << what;
    if (at != std::string::npos) text.replace(at, what.size(), with);
    return *this;
  }
  // A line at the end.
  EditedTables& Append(std::string_view file, std::string_view line) {
    Text(file).append(line).append("\n");
    return *this;
  }
  // The files that were changed, by name.
  [[nodiscard]] const std::map<std::string, std::string>& files() const { return files_; }
  // All of them; valid as long as this.
  [[nodiscard]] ReferenceTables tables() const {
    ReferenceTables tables = ShippedTables();
    for (const ReferenceFile& file : kReferenceFiles) {
      if (const auto it = files_.find(std::string(file.name)); it != files_.end()) tables.*file.text = it->second;
    }
    return tables;
  }

 private:
  std::string& Text(std::string_view name) {
    for (const ReferenceFile& file : kReferenceFiles) {
      if (file.name == name) return files_.try_emplace(std::string(name), ShippedTables().*file.text).first->second;
    }
    ADD_FAILURE() << name << " is no table";
    return files_[""];
  }
  std::map<std::string, std::string> files_;
};

// Bergen, 4601 since 2020, is 4699 from 2027 on, with 300 000 inhabitants.
[[nodiscard]] inline EditedTables BergenRenumberedIn2027() {
  EditedTables tables;
  tables.Replace("kommuner.csv", "4601,Bergen,46,Vestland,2020-01-01,\n",
                 "4601,Bergen,46,Vestland,2020-01-01,2027-01-01\n4699,Bergen,46,Vestland,2027-01-01,\n");
  tables.Replace("kommune_names.csv", "4601,Bergen,Bergen,,2020-01-01,\n",
                 "4601,Bergen,Bergen,,2020-01-01,2027-01-01\n4699,Nye Bergen,Nye Bergen,,2027-01-01,\n");
  tables.Append("kommune_changes.csv", "2027-01-01,4601,Bergen,4699,Bergen,renumber");
  tables.Append("population.csv", "4699,2027,300000");
  return tables;
}

}  // namespace flosync
