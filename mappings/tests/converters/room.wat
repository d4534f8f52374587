;; "ROOM-<number>" to "<number>" and back, over JSON text.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\"ROOM-")
  (global $free (mut i32) (i32.const 64))

  (func $alloc (export "alloc") (param $length i32) (result i32)
    (local $place i32)
    (local.set $place (global.get $free))
    (global.set $free (i32.add (global.get $free) (local.get $length)))
    (local.get $place))

  ;; The place and the length of an answer in one number.
  (func $answer (param $place i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $place)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  (func (export "out") (param $place i32) (param $length i32) (result i64)
    (local $at i32)
    (if (i32.lt_u (local.get $length) (i32.const 8)) (then (return (i64.const 0))))
    (loop $prefix
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $place) (local.get $at)))
            (i32.load8_u (local.get $at)))
        (then (return (i64.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $prefix (i32.lt_u (local.get $at) (i32.const 6))))
    ;; The quote goes over the last letter of the prefix.
    (i32.store8 (i32.add (local.get $place) (i32.const 5)) (i32.const 34))
    (call $answer (i32.add (local.get $place) (i32.const 5)) (i32.sub (local.get $length) (i32.const 5))))

  (func (export "back") (param $place i32) (param $length i32) (result i64)
    (local $made i32)
    (if (i32.lt_u (local.get $length) (i32.const 3)) (then (return (i64.const 0))))
    (if (i32.ne (i32.load8_u (local.get $place)) (i32.const 34)) (then (return (i64.const 0))))
    (local.set $made (call $alloc (i32.add (local.get $length) (i32.const 5))))
    (memory.copy (local.get $made) (i32.const 0) (i32.const 6))
    (memory.copy
      (i32.add (local.get $made) (i32.const 6))
      (i32.add (local.get $place) (i32.const 1))
      (i32.sub (local.get $length) (i32.const 1)))
    (call $answer (local.get $made) (i32.add (local.get $length) (i32.const 5)))))
