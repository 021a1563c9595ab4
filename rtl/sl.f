// The library's modules, those of a level after all they are made of, by name within a level.
// Level 0
sl_ram.sv
sl_register.sv
// Level 1
sl_fifo.sv
