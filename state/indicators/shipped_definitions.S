// Links the bytes of the shipped definitions into the program.
        .section .note.GNU-stack, "", @progbits
        .section .rodata
        .macro definition symbol, file
        .global flosync_\symbol\()_begin
        .global flosync_\symbol\()_end
flosync_\symbol\()_begin:
        .incbin "\file"
flosync_\symbol\()_end:
        .byte 0
        .endm

        definition gp_statistics_0_9, "gp-statistics-0.9.toml"
        definition gp_statistics_1_0, "gp-statistics-1.0.toml"
        definition nki_gp_agreement_duration_1_0, "nki-gp-agreement-duration-1.0.toml"
        definition nki_gp_specialist_1_0, "nki-gp-specialist-1.0.toml"
        definition nki_gp_specialist_2_0, "nki-gp-specialist-2.0.toml"
        definition nki_gp_specialist_3_0, "nki-gp-specialist-3.0.toml"
