#include "state/geography/stored_tables.h"

#include <array>
#include <utility>

#include "domain/text.h"
#include "state/geography/check_tables.h"
#include "state/geography/shipped_tables.h"
#include "state/store/codec.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr std::string_view kInForceKey = "in_force";

std::string VintageKey(std::string_view tables_hash) { return KeyBuilder().Raw("vintage/").Raw(tables_hash).Take(); }
std::string FileKey(std::string_view sha256) { return KeyBuilder().Raw("file/").Raw(sha256).Take(); }

absl::StatusOr<std::unique_ptr<const Geography>> ParseAll(const ReferenceTables& tables) {
  auto parsed = Geography::Parse(tables);
  if (!parsed.ok()) return parsed.status();
  return std::make_unique<const Geography>(*std::move(parsed));
}

absl::Status Damaged(std::string_view tables_hash) {
  return absl::DataLossError(Join("store: the reference tables of vintage ", tables_hash,
                                  " are not whole; import them again (flosync state import-reference)"));
}

absl::StatusOr<std::optional<store::v1::StoredVintage>> FindVintage(const View& view, std::string_view tables_hash) {
  const auto bytes = view.Get(Family::kReference, VintageKey(tables_hash));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::nullopt;
  auto vintage = ParseStored<store::v1::StoredVintage>(**bytes);
  if (!vintage.ok()) return vintage.status();
  return *std::move(vintage);
}

// Writes vintage and files; what the store has already is the same.
void WriteVintage(const Geography& geography, const std::optional<TablesImport>& import, Batch& batch) {
  store::v1::StoredVintage vintage;
  const ReferenceTables tables = geography.tables();
  for (const ReferenceFile& file : kReferenceFiles) {
    const std::string_view text = tables.*file.text;
    auto* stored = vintage.add_files();
    stored->set_name(std::string(file.name));
    stored->set_sha256(Sha256Hex({text}));
    batch.Put(Family::kReference, FileKey(stored->sha256()), text);
  }
  if (import) {
    vintage.mutable_imported()->set_at_ms(import->at.ms);
    vintage.mutable_imported()->set_from(import->from);
  }
  batch.Put(Family::kReference, VintageKey(geography.tables_hash()), vintage.SerializeAsString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Geography>> LoadVintage(const View& view, std::string_view tables_hash) {
  const auto vintage = FindVintage(view, tables_hash);
  if (!vintage.ok()) return vintage.status();
  if (!vintage->has_value()) {
    if (tables_hash == Geography::Shipped().tables_hash()) return ParseAll(ShippedTables());
    return absl::NotFoundError(Join("this state has no reference tables of vintage ", tables_hash,
                                    "; import those files (flosync state import-reference)"));
  }
  std::array<std::string, kReferenceFileCount> texts;
  ReferenceTables tables;
  for (const auto& stored : (*vintage)->files()) {
    for (size_t i = 0; i < kReferenceFileCount; ++i) {
      if (kReferenceFiles.at(i).name != stored.name()) continue;
      auto bytes = view.Get(Family::kReference, FileKey(stored.sha256()));
      if (!bytes.ok()) return bytes.status();
      if (!bytes->has_value()) return Damaged(tables_hash);
      texts.at(i) = **std::move(bytes);
      tables.*kReferenceFiles.at(i).text = texts.at(i);
    }
  }
  if (TablesHash(tables) != tables_hash) return Damaged(tables_hash);
  return ParseAll(tables);
}

absl::StatusOr<std::unique_ptr<const Geography>> LoadGeography(const View& view) {
  const auto in_force = view.Get(Family::kReference, kInForceKey);
  if (!in_force.ok()) return in_force.status();
  return in_force->has_value() ? LoadVintage(view, **in_force) : ParseAll(ShippedTables());
}

absl::StatusOr<std::optional<TablesImport>> LastImport(const View& view) {
  const auto in_force = view.Get(Family::kReference, kInForceKey);
  if (!in_force.ok()) return in_force.status();
  if (!in_force->has_value()) return std::nullopt;
  const auto vintage = FindVintage(view, **in_force);
  if (!vintage.ok()) return vintage.status();
  if (!vintage->has_value()) return Damaged(**in_force);
  return TablesImport{{(*vintage)->imported().at_ms()}, (*vintage)->imported().from()};
}

absl::StatusOr<std::unique_ptr<const Geography>> ReplaceTables(const View& view,
                                                               const std::map<std::string, std::string>& files) {
  const auto in_force = LoadGeography(view);
  if (!in_force.ok()) return in_force.status();
  ReferenceTables tables = (*in_force)->tables();
  for (const ReferenceFile& file : kReferenceFiles) {
    const auto given = files.find(std::string(file.name));
    if (given == files.end()) continue;
    if (given->second.size() > kReferenceFileMaxBytes) {
      return absl::InvalidArgumentError(Join(file.name, ": longer than ", kReferenceFileMaxBytes,
                                             " bytes, which no reference table is; give the right file"));
    }
    tables.*file.text = given->second;
  }
  const auto rows = ReadTables(tables);
  if (!rows.ok()) return rows.status();
  if (absl::Status checked = CheckTables(*rows); !checked.ok()) return checked;
  return ParseAll(tables);
}

absl::Status PutInForce(Store& store, const Geography& geography, const TablesImport& import) {
  Batch batch(store);
  WriteVintage(geography, import, batch);
  batch.Put(Family::kReference, kInForceKey, geography.tables_hash());
  return store.Commit(batch);
}

absl::Status PutShippedInForce(Store& store) {
  Batch batch(store);
  batch.Delete(Family::kReference, kInForceKey);
  return store.Commit(batch);
}

absl::Status KeepVintage(const View& view, const Geography& geography, Batch& batch) {
  const auto vintage = FindVintage(view, geography.tables_hash());
  if (!vintage.ok()) return vintage.status();
  if (!vintage->has_value()) WriteVintage(geography, std::nullopt, batch);
  return absl::OkStatus();
}

}  // namespace flosync
