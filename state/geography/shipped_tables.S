// Links the bytes of the reference tables into the program; FLOSYNC_TABLES is their folder, quoted.
        .section .note.GNU-stack, "", @progbits
        .section .rodata
        .macro table name
        .global flosync_\name\()_begin
        .global flosync_\name\()_end
flosync_\name\()_begin:
        .incbin "\name\().csv"
flosync_\name\()_end:
        .byte 0
        .endm

        table kommuner
        table kommune_names
        table kommune_changes
        table fylker
        table population
        table population_2024_borders
        table kommunegrupper
