;; The sums of many small trees for many rows, four rows at a time (QuickScorer, Lucchese et al. 2015).
;;
;; Assembled into tree-scorer-module.ts by tree-scorer-module.test.ts. All parameters but counts are addresses:
;;
;;   nodePtr     u32[nFeatures + 1]   where the nodes that ask feature f begin, thresholds ascending; each of them is
;;                                    threshold f32, 16 * tree u32, the leaves that it strikes out u32
;;   missingPtr  u32[nFeatures + 1]   the same for nodes that a missing value answers with no; each of them is
;;                                    16 * tree u32, leaves u32
;;   leaves      u32[nTrees][4]       all leaves of a tree, once for each of the four rows
;;   alive       u32[nTrees][4]       working room: the leaves that are left
;;   values      f32[nTrees][32]      what a leaf adds
;;   X           f32[..][nFeatures]   rows of features
;;   rows        u32[n]               which rows of X; n is a multiple of four
;;   out         f64[n]               the sums, added to in the order of the trees
(module
  (memory (export "memory") 1)
  (func (export "addValues")
    (param $nodePtr i32) (param $missingPtr i32) (param $leaves i32) (param $alive i32) (param $values i32)
    (param $nTrees i32) (param $nFeatures i32) (param $X i32) (param $rows i32) (param $n i32) (param $out i32)
    (local $stride i32) (local $end i32) (local $f i32) (local $node i32) (local $last i32) (local $tree i32)
    (local $x0 i32) (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $s0 f64) (local $s1 f64) (local $s2 f64) (local $s3 f64)
    (local $x v128) (local $no v128)
    (local.set $stride (i32.shl (local.get $nFeatures) (i32.const 2)))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $n) (i32.const 2))))
    (block $noRows
      (br_if $noRows (i32.ge_u (local.get $rows) (local.get $end)))
      (loop $fourRows
        (memory.copy (local.get $alive) (local.get $leaves) (i32.shl (local.get $nTrees) (i32.const 4)))
        (local.set $x0 (i32.add (local.get $X) (i32.mul (local.get $stride) (i32.load offset=0 (local.get $rows)))))
        (local.set $x1 (i32.add (local.get $X) (i32.mul (local.get $stride) (i32.load offset=4 (local.get $rows)))))
        (local.set $x2 (i32.add (local.get $X) (i32.mul (local.get $stride) (i32.load offset=8 (local.get $rows)))))
        (local.set $x3 (i32.add (local.get $X) (i32.mul (local.get $stride) (i32.load offset=12 (local.get $rows)))))

        ;; Strike out leaves, feature by feature.
        (local.set $f (i32.const 0))
        (loop $features
          (local.set $x (v128.load32_splat (i32.add (local.get $x0) (local.get $f))))
          (local.set $x (v128.load32_lane 1 (i32.add (local.get $x1) (local.get $f)) (local.get $x)))
          (local.set $x (v128.load32_lane 2 (i32.add (local.get $x2) (local.get $f)) (local.get $x)))
          (local.set $x (v128.load32_lane 3 (i32.add (local.get $x3) (local.get $f)) (local.get $x)))
          (local.set $node (i32.load offset=0 (i32.add (local.get $nodePtr) (local.get $f))))
          (local.set $last (i32.load offset=4 (i32.add (local.get $nodePtr) (local.get $f))))
          (block $answered
            (loop $nodes
              (br_if $answered (i32.eq (local.get $node) (local.get $last)))
              (local.set $no (f32x4.gt (local.get $x) (v128.load32_splat (local.get $node))))
              (br_if $answered (i32.eqz (v128.any_true (local.get $no))))
              (local.set $tree (i32.add (local.get $alive) (i32.load offset=4 (local.get $node))))
              (v128.store (local.get $tree)
                (v128.andnot
                  (v128.load (local.get $tree))
                  (v128.and (local.get $no) (v128.load32_splat offset=8 (local.get $node)))))
              (local.set $node (i32.add (local.get $node) (i32.const 12)))
              (br $nodes)))
          (local.set $no (f32x4.ne (local.get $x) (local.get $x)))
          (if (v128.any_true (local.get $no))
            (then
              (local.set $node (i32.load offset=0 (i32.add (local.get $missingPtr) (local.get $f))))
              (local.set $last (i32.load offset=4 (i32.add (local.get $missingPtr) (local.get $f))))
              (block $struck
                (loop $nodes
                  (br_if $struck (i32.eq (local.get $node) (local.get $last)))
                  (local.set $tree (i32.add (local.get $alive) (i32.load offset=0 (local.get $node))))
                  (v128.store (local.get $tree)
                    (v128.andnot
                      (v128.load (local.get $tree))
                      (v128.and (local.get $no) (v128.load32_splat offset=4 (local.get $node)))))
                  (local.set $node (i32.add (local.get $node) (i32.const 8)))
                  (br $nodes)))))
          (br_if $features
            (i32.lt_u (local.tee $f (i32.add (local.get $f) (i32.const 4))) (local.get $stride))))

        ;; Add up the leftmost leaves that are left.
        (local.set $s0 (f64.load offset=0 (local.get $out)))
        (local.set $s1 (f64.load offset=8 (local.get $out)))
        (local.set $s2 (f64.load offset=16 (local.get $out)))
        (local.set $s3 (f64.load offset=24 (local.get $out)))
        (local.set $tree (local.get $alive))
        (local.set $node (local.get $values))
        (local.set $last (i32.add (local.get $alive) (i32.shl (local.get $nTrees) (i32.const 4))))
        (block $added
          (loop $trees
            (br_if $added (i32.eq (local.get $tree) (local.get $last)))
            (local.set $s0 (f64.add (local.get $s0) (f64.promote_f32 (f32.load
              (i32.add (local.get $node) (i32.shl (i32.ctz (i32.load offset=0 (local.get $tree))) (i32.const 2)))))))
            (local.set $s1 (f64.add (local.get $s1) (f64.promote_f32 (f32.load
              (i32.add (local.get $node) (i32.shl (i32.ctz (i32.load offset=4 (local.get $tree))) (i32.const 2)))))))
            (local.set $s2 (f64.add (local.get $s2) (f64.promote_f32 (f32.load
              (i32.add (local.get $node) (i32.shl (i32.ctz (i32.load offset=8 (local.get $tree))) (i32.const 2)))))))
            (local.set $s3 (f64.add (local.get $s3) (f64.promote_f32 (f32.load
              (i32.add (local.get $node) (i32.shl (i32.ctz (i32.load offset=12 (local.get $tree))) (i32.const 2)))))))
            (local.set $node (i32.add (local.get $node) (i32.const 128)))
            (local.set $tree (i32.add (local.get $tree) (i32.const 16)))
            (br $trees)))
        (f64.store offset=0 (local.get $out) (local.get $s0))
        (f64.store offset=8 (local.get $out) (local.get $s1))
        (f64.store offset=16 (local.get $out) (local.get $s2))
        (f64.store offset=24 (local.get $out) (local.get $s3))

        (local.set $out (i32.add (local.get $out) (i32.const 32)))
        (br_if $fourRows
          (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 16))) (local.get $end)))))))
