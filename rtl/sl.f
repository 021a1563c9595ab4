// The library's modules, those of a level after all they are made of, by name within a level.
// Level 0
sl_chop.sv
sl_concat.sv
sl_fork.sv
sl_ram.sv
sl_register.sv
sl_stage.sv
// Level 1
sl_fifo.sv
sl_frame_sum.sv
sl_ping_pong.sv
sl_pixel_shift.sv
sl_reduce_max.sv
sl_reduce_sum.sv
sl_regroup.sv
// Level 2
sl_repeat.sv
sl_shuffle.sv
