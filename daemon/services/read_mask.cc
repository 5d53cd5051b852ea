#include "daemon/services/read_mask.h"

#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/field_mask_util.h>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;

constexpr const char* kField = "read_mask";

std::string NamesOf(const Descriptor& type) {
  std::string names;
  for (int i = 0; i < type.field_count(); ++i) names += Join(names.empty() ? "" : ", ", type.field(i)->name());
  return names;
}

}  // namespace

const FieldMask& ReadMaskOf(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(kField);
  if (field == nullptr) return FieldMask::default_instance();
  return dynamic_cast<const FieldMask&>(request.GetReflection()->GetMessage(request, field));
}

const FieldDescriptor& ResourceIn(const Descriptor& answer) {
  for (int i = 0; i < answer.field_count(); ++i) {
    if (answer.field(i)->is_repeated()) return *answer.field(i);
  }
  return *answer.field(0);
}

grpc::Status CheckReadMask(const Message& request, const Descriptor& answer) {
  const FieldMask& mask = ReadMaskOf(request);
  if (mask.paths_size() == 0) return grpc::Status::OK;
  if (mask.paths_size() > kMostMaskPaths) {
    return InvalidField(kField, Join("may have at most ", kMostMaskPaths, " paths; leave it out for all fields"));
  }
  const Descriptor& resource = *ResourceIn(answer).message_type();
  for (int i = 0; i < mask.paths_size(); ++i) {
    std::vector<const FieldDescriptor*> fields;
    // "" and "." lead nowhere.
    if (FieldMaskUtil::GetFieldDescriptors(&resource, mask.paths(i), &fields) && !fields.empty()) continue;
    // Without the path itself: error texts end up in logs.
    return InvalidField(kField, Join("path ", i + 1, " names no field of ", resource.name(), "; there are ",
                                     NamesOf(resource), ", lists only whole"));
  }
  return grpc::Status::OK;
}

void ApplyReadMask(const Message& request, Message& answer) {
  const FieldMask& mask = ReadMaskOf(request);
  if (mask.paths_size() == 0) return;
  const FieldDescriptor& field = ResourceIn(*answer.GetDescriptor());
  const Reflection& reflection = *answer.GetReflection();
  if (!field.is_repeated()) {
    FieldMaskUtil::TrimMessage(mask, reflection.MutableMessage(&answer, &field));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(answer, &field); ++i) {
    FieldMaskUtil::TrimMessage(mask, reflection.MutableRepeatedMessage(&answer, &field, i));
  }
}

}  // namespace flosync
