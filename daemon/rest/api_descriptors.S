// Links the descriptors of the API into the program, comments included (google.protobuf.FileDescriptorSet).
        .section .note.GNU-stack, "", @progbits
        .section .rodata
        .global flosync_api_descriptors_begin
        .global flosync_api_descriptors_end
flosync_api_descriptors_begin:
        .incbin "flosync_api.binpb"
flosync_api_descriptors_end:
        .byte 0
