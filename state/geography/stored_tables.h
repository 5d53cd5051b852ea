// The reference tables that the state directory holds: those imported, and every vintage that figures were made with,
// so that an old snapshot's areas can be read again (B8, B11; state/FORMAT.md, family `reference`).
//
// One writer; views from any thread. DATA_LOSS where what is stored cannot be read.
//
//   auto next = ReplaceTables(view, {{"population.csv", bytes}});  // checked; nothing is changed yet
//   PutInForce(store, **next, {.at = now, .from = "/srv/tables"});
//   LoadGeography(View(store));  // theirs, from the next start of a daemon or replay on
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "state/geography/geography.h"
#include "state/store/store.h"

namespace flosync {

// When an operator imported a vintage, and from which directory.
struct TablesImport {
  Instant at;
  std::string from;
};

// The tables in force: those imported last, else the shipped ones.
[[nodiscard]] absl::StatusOr<std::unique_ptr<const Geography>> LoadGeography(const View& view);
// The tables of one vintage, shipped or stored. NOT_FOUND if this store has never counted by them.
[[nodiscard]] absl::StatusOr<std::unique_ptr<const Geography>> LoadVintage(const View& view,
                                                                           std::string_view tables_hash);
// How the tables in force came to be so; nothing = they are the shipped ones.
[[nodiscard]] absl::StatusOr<std::optional<TablesImport>> LastImport(const View& view);

// The tables in force with the given files, by their name, in place of theirs. INVALID_ARGUMENT names file, line, what
// is wrong and what to do (ReadTables, CheckTables), also for a file that is too long.
[[nodiscard]] absl::StatusOr<std::unique_ptr<const Geography>> ReplaceTables(
    const View& view, const std::map<std::string, std::string>& files);
// Makes these the tables in force, in one synced commit. Figures follow with the next start.
[[nodiscard]] absl::Status PutInForce(Store& store, const Geography& geography, const TablesImport& import);
// Ends what PutInForce began: the shipped tables of this and later versions are in force.
[[nodiscard]] absl::Status PutShippedInForce(Store& store);

// Adds the tables to the batch unless the store has this vintage. For whoever makes figures with them.
[[nodiscard]] absl::Status KeepVintage(const View& view, const Geography& geography, Batch& batch);

}  // namespace flosync
