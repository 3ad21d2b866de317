use std::collections::BTreeMap;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;

/// A tree in memory, kept the way the platform's database keeps it.
#[derive(Default)]
struct Tree {
    size: u64,
    nodes: BTreeMap<(u32, u64), NodeHash>,
}

impl Nodes for &Tree {
    type Error = (u32, u64);
    fn node(&mut self, level: u32, index: u64) -> Result<NodeHash, Self::Error> {
        self.nodes.get(&(level, index)).copied().ok_or((level, index))
    }
}

impl Tree {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            let kept = append(tree.size, leaf_hash(leaf), &mut &tree).unwrap();
            tree.nodes
                .extend(kept.into_iter().map(|(level, index, hash)| ((level, index), hash)));
            tree.size += 1;
        }
        tree
    }
    fn root(&self, size: u64) -> NodeHash {
        root(size, &mut &*self).unwrap()
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs: Vec<_> = text
        .as_bytes()
        .chunks(2)
        .map(|p| std::str::from_utf8(p).unwrap())
        .collect();
    pairs.into_iter().map(|p| u8::from_str_radix(p, 16).unwrap()).collect()
}

fn hash(hex: &str) -> NodeHash {
    NodeHash(unhex(hex).try_into().unwrap())
}

/// Leaves and roots of the Certificate Transparency project's reference tests.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_reference_tree_has_its_roots_at_every_size() {
    let tree = Tree::of(&LEAVES.map(unhex));
    assert_eq!(
        tree.root(0),
        hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(tree.root(size), hash(root), "size {size}");
    }
}

#[test]
fn the_reference_proofs_are_given_and_hold() {
    let tree = Tree::of(&LEAVES.map(unhex));
    let of_leaf_five = inclusion(5, 8, &mut &tree).unwrap();
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(of_leaf_five, expected.map(hash));
    assert_eq!(left_siblings(5, 8, 3), [true, false, true]);
    verify_inclusion(leaf_hash(&unhex(LEAVES[5])), 5, 8, hash(ROOTS[7]), &of_leaf_five).unwrap();
}

#[test]
fn every_inclusion_proof_holds_for_its_leaf_and_for_no_other() {
    let leaves: Vec<Vec<u8>> = (0_u8..20).map(|n| vec![n]).collect();
    let tree = Tree::of(&leaves);
    for size in 1..=20 {
        for index in 0..size {
            let proof = inclusion(index, size, &mut &tree).unwrap();
            let leaf = leaf_hash(&leaves[index as usize]);
            let root = tree.root(size);
            assert_eq!(verify_inclusion(leaf, index, size, root, &proof), Ok(()));
            let by_hand = left_siblings(index, size, proof.len()).into_iter().zip(&proof);
            let rebuilt = by_hand.fold(
                leaf,
                |h, (left, s)| if left { node_hash(*s, h) } else { node_hash(h, *s) },
            );
            assert_eq!(rebuilt, root);
            let refused = Err(LogError::NotIncluded);
            assert_eq!(
                verify_inclusion(leaf_hash(b"other"), index, size, root, &proof),
                refused
            );
            assert_eq!(verify_inclusion(leaf, size, size, root, &proof), refused);
            if size > 1 {
                assert_eq!(verify_inclusion(leaf, (index + 1) % size, size, root, &proof), refused);
                assert_eq!(verify_inclusion(leaf, index, size, root, &proof[1..]), refused);
            }
            let longer = [proof.as_slice(), &[leaf]].concat();
            assert_eq!(verify_inclusion(leaf, index, size, root, &longer), refused);
        }
    }
}

#[test]
fn every_growth_is_provable_and_no_other_past_is() {
    let leaves: Vec<Vec<u8>> = (0_u8..20).map(|n| vec![n]).collect();
    let tree = Tree::of(&leaves);
    let mut other_leaves = leaves.clone();
    other_leaves[0] = b"rewritten".to_vec();
    let other = Tree::of(&other_leaves);
    for new in 0..=20 {
        for old in 0..=new {
            let proof = consistency(old, new, &mut &tree).unwrap();
            let (was, is) = ((old, tree.root(old)), (new, tree.root(new)));
            assert_eq!(verify_consistency(was, is, &proof), Ok(()), "{old} to {new}");
            if old > 0 {
                let rewritten = (new, other.root(new));
                let excuse = consistency(old, new, &mut &other).unwrap();
                assert_eq!(verify_consistency(was, rewritten, &excuse), Err(LogError::Rewritten));
                assert_eq!(verify_consistency(was, rewritten, &proof), Err(LogError::Rewritten));
            }
            if old < new {
                assert_eq!(verify_consistency(is, was, &proof), Err(LogError::Shrunk));
            }
        }
    }
}

proptest! {
    #[test]
    fn our_tree_is_the_tree_of_another_implementation(count in 1_usize..200, pick in any::<(u64, u64)>()) {
        let leaves: Vec<Vec<u8>> = (0..count).map(|n| n.to_string().into_bytes()).collect();
        let tree = Tree::of(&leaves);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        leaves.iter().for_each(|leaf| theirs.push(leaf.clone()));
        let size = count as u64;
        let (ours, root) = (tree.root(size), theirs.root());
        prop_assert_eq!(ours.0.as_slice(), root.as_bytes().as_slice());
        let index = pick.0 % size;
        let proof = inclusion(index, size, &mut &tree).unwrap();
        let bytes: Vec<u8> = proof.iter().flat_map(|h| h.0).collect();
        let expected = theirs.prove_inclusion(index as usize);
        prop_assert_eq!(bytes.as_slice(), expected.as_bytes());
        let old = pick.1 % size + 1;
        if old < size {
            let proof = consistency(old, size, &mut &tree).unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|h| h.0).collect();
            let expected = theirs.prove_consistency((size - old) as usize);
            prop_assert_eq!(bytes.as_slice(), expected.as_bytes());
        }
    }

    #[test]
    fn verification_of_any_claim_ends(index: u64, size: u64, old: u64, proof in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let proof: Vec<NodeHash> = proof.into_iter().map(NodeHash).collect();
        let leaf = leaf_hash(b"leaf");
        let _ = verify_inclusion(leaf, index, size, leaf, &proof);
        let _ = verify_consistency((old, leaf), (size, leaf), &proof);
        let _ = left_siblings(index, size, proof.len());
    }
}
