// The library's modules, those of a level after all they are made of, by name within a level.
// Level 0
sl_add.sv
sl_adder_tree.sv
sl_axis_in.sv
sl_axis_out.sv
sl_chop.sv
sl_clip.sv
sl_concat.sv
sl_count.sv
sl_fork.sv
sl_mul.sv
sl_parts.sv
sl_ram.sv
sl_register.sv
sl_rom.sv
sl_spread.sv
sl_stage.sv
// Level 1
sl_bisect.sv
sl_dot.sv
sl_fifo.sv
sl_frame_max.sv
sl_frame_sum.sv
sl_ping_pong.sv
sl_pixel_shift.sv
sl_reduce_max.sv
sl_reduce_sum.sv
sl_regroup.sv
sl_requantize.sv
sl_row_buffer.sv
sl_row_walk.sv
sl_shift_round.sv
sl_table.sv
// Level 2
sl_repeat.sv
sl_shuffle.sv
sl_window_taps.sv
// Level 3
sl_window_slide.sv
