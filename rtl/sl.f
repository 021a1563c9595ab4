// The library's modules, those of a level after all they are made of, by name within a level.
// Level 0
sl_add.sv
sl_adder_tree.sv
sl_clip.sv
sl_parts.sv
sl_ram.sv
sl_register.sv
sl_rom.sv
sl_row_walk.sv
// Level 1
sl_dot.sv
sl_fifo.sv
sl_requantize.sv
sl_row_buffer.sv
sl_shift_round.sv
// Level 2
sl_window_taps.sv
// Level 3
sl_window_slide.sv
