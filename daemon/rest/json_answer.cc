#include "daemon/rest/json_answer.h"

#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "daemon/services/read_mask.h"

namespace flosync {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::FieldMaskUtil;
using Json = nlohmann::ordered_json;
using Paths = std::vector<Json::json_pointer>;

std::optional<std::string> Print(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return std::nullopt;
  return text;
}

Paths PathsOf(const FieldMask& mask, const Descriptor& resource) {
  FieldMask canonical;  // no path leads into another
  FieldMaskUtil::ToCanonicalForm(mask, &canonical);
  Paths paths;
  for (const std::string& path : canonical.paths()) {
    std::vector<const FieldDescriptor*> fields;
    FieldMaskUtil::GetFieldDescriptors(&resource, path, &fields);
    Json::json_pointer pointer;
    for (const FieldDescriptor* field : fields) {
      // An instant is one text, whatever of it is asked for.
      if (field->containing_type() != Timestamp::descriptor()) pointer /= field->json_name();
    }
    paths.push_back(pointer);
  }
  return paths;
}

// Protobuf prints what a mask has emptied as nothing, false or zero, which would be untrue.
Json Masked(const Json& whole, const Paths& paths) {
  Json masked = Json::object();
  for (const auto& path : paths) {
    if (whole.contains(path)) masked[path] = whole[path];
  }
  return masked;
}

// One resource at a time: many of them as values of JSON take much memory.
std::optional<std::string> PrintMasked(const Message& resource, const Paths& paths) {
  const auto whole = Print(resource);
  if (!whole) return std::nullopt;
  return Masked(Json::parse(*whole), paths).dump();
}

std::optional<std::string> PrintResources(const Message& answer, const FieldDescriptor& field, const Paths& paths) {
  const auto& reflection = *answer.GetReflection();
  if (!field.is_repeated()) return PrintMasked(reflection.GetMessage(answer, &field), paths);
  std::string all = "[";
  for (int i = 0; i < reflection.FieldSize(answer, &field); ++i) {
    const auto one = PrintMasked(reflection.GetRepeatedMessage(answer, &field, i), paths);
    if (!one) return std::nullopt;
    all += i == 0 ? "" : ",";
    all += *one;
  }
  return all + "]";
}

}  // namespace

std::optional<std::string> JsonAnswer(const Message& request, Message& answer) {
  const FieldMask& mask = ReadMaskOf(request);
  if (mask.paths_size() == 0) return Print(answer);
  const FieldDescriptor& field = ResourceIn(*answer.GetDescriptor());
  const auto resources = PrintResources(answer, field, PathsOf(mask, *field.message_type()));
  answer.GetReflection()->ClearField(&answer, &field);
  const auto rest = Print(answer);
  if (!resources || !rest) return std::nullopt;
  const Json others = Json::parse(*rest);
  std::string text = "{\"" + field.json_name() + "\":" + *resources;
  for (const auto& [name, value] : others.items()) {
    if (name != field.json_name()) text += ",\"" + name + "\":" + value.dump();
  }
  return text + "}";
}

}  // namespace flosync
