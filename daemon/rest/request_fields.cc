#include "daemon/rest/request_fields.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/time_util.h>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr std::string_view kLatest = "latest";
constexpr size_t kMostShownBytes = 64;  // of a name that is not ours

// By name: the documentation's descriptors are of another pool.
bool IsTimestamp(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == Timestamp::descriptor()->full_name();
}

bool IsMask(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == FieldMask::descriptor()->full_name();
}

bool IsGroupOfFields(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsTimestamp(field) && !IsMask(field) && !field.is_repeated();
}

void Collect(const Descriptor& type, const std::string& prefix, std::vector<RequestField>& out) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsGroupOfFields(field)) {
      Collect(*field.message_type(), Join(prefix, field.name(), "."), out);
    } else {
      out.push_back({Join(prefix, field.name()), &field});
    }
  }
}

// The message that holds the field, made where it is missing.
Message* HolderOf(const std::string& name, Message& request) {
  Message* holder = &request;
  const auto parts = Split(name, '.');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const FieldDescriptor* field = holder->GetDescriptor()->FindFieldByName(std::string(parts[i]));
    holder = holder->GetReflection()->MutableMessage(holder, field);
  }
  return holder;
}

template <typename Value, typename Set, typename Add>
bool Put(const FieldDescriptor& field, const std::optional<Value>& value, const Set& set, const Add& add) {
  if (value) field.is_repeated() ? add(*value) : set(*value);
  return value.has_value();
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true") return true;
  return text == "false" ? std::optional(false) : std::nullopt;
}

bool PutTimestamp(const std::string& text, Message& holder, const FieldDescriptor& field) {
  Timestamp timestamp;
  if (!google::protobuf::util::TimeUtil::FromString(text, &timestamp)) return false;
  holder.GetReflection()->MutableMessage(&holder, &field)->CopyFrom(timestamp);
  return true;
}

// Whether its paths are fields is for who answers to say.
bool PutMask(const std::string& text, Message& holder, const FieldDescriptor& field) {
  FieldMask mask;
  google::protobuf::util::FieldMaskUtil::FromString(text, &mask);
  holder.GetReflection()->MutableMessage(&holder, &field)->CopyFrom(mask);
  return true;
}

// False for a value that does not suit the field.
bool PutValue(const std::string& text, Message& m, const FieldDescriptor& field) {
  const Reflection& r = *m.GetReflection();
  const FieldDescriptor* f = &field;
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Put(
          *f, std::optional(text), [&](const auto& v) { r.SetString(&m, f, v); },
          [&](const auto& v) { r.AddString(&m, f, v); });
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(
          *f, ParseNumber<int32_t>(text), [&](int32_t v) { r.SetInt32(&m, f, v); },
          [&](int32_t v) { r.AddInt32(&m, f, v); });
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(
          *f, ParseNumber<int64_t>(text), [&](int64_t v) { r.SetInt64(&m, f, v); },
          [&](int64_t v) { r.AddInt64(&m, f, v); });
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(
          *f, ParseBool(text), [&](bool v) { r.SetBool(&m, f, v); }, [&](bool v) { r.AddBool(&m, f, v); });
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = f->enum_type()->FindValueByName(text);
      if (value == nullptr) return false;
      f->is_repeated() ? r.AddEnum(&m, f, value) : r.SetEnum(&m, f, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.is_repeated()) return false;
      return IsMask(field) ? PutMask(text, m, field) : IsTimestamp(field) && PutTimestamp(text, m, field);
    default:
      return false;
  }
}

std::string WhatSuits(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "has to be a whole number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "has to be true or false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::string names;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        names += Join(i == 0 ? "" : ", ", field.enum_type()->value(i)->name());
      }
      return Join("has to be one of ", names);
    }
    default:
      return "has to be an instant such as 2024-01-01T05:00:00Z";
  }
}

grpc::Status Unknown(const std::string& name, const std::vector<RequestField>& fields) {
  std::string names;
  for (const RequestField& field : fields) names += Join(names.empty() ? "" : ", ", field.name);
  return InvalidFields("PARAMETER_UNKNOWN", {{name.substr(0, kMostShownBytes),
                                              fields.empty() ? "is no parameter here, and there are none: leave it out"
                                                             : Join("is no parameter here; there are ", names)}});
}

}  // namespace

std::vector<RequestField> FieldsOf(const Descriptor& request) {
  std::vector<RequestField> fields;
  Collect(request, "", fields);
  return fields;
}

grpc::Status FillRequest(const HttpFields& path, const HttpFields& query, Message& request) {
  const std::vector<RequestField> fields = FieldsOf(*request.GetDescriptor());
  std::set<std::string> seen;
  const auto fill = [&](const std::string& name, const std::string& value) {
    const auto found = std::ranges::find(fields, name, &RequestField::name);
    if (found == fields.end()) return Unknown(name, fields);
    const FieldDescriptor& field = *found->field;
    if (!seen.insert(name).second && !field.is_repeated()) {
      return InvalidField(name, "comes twice; give it once, in the path or behind the question mark");
    }
    return PutValue(value, *HolderOf(name, request), field) ? grpc::Status::OK : InvalidField(name, WhatSuits(field));
  };
  for (const auto& [name, value] : path) {
    if (grpc::Status filled = fill(name, value == kLatest ? "" : value); !filled.ok()) return filled;
  }
  for (const auto& [name, value] : query) {
    if (grpc::Status filled = fill(name, value); !filled.ok()) return filled;
  }
  return grpc::Status::OK;
}

}  // namespace flosync
