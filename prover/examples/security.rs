use prover::{Blowup, security::report_for};
fn main() {
    let show = |p| { let r = report_for(p); println!("{p:?} {:.2} {} {:?}", r.bits, r.regime, r.terms.iter().map(|t| (t.0.chars().take(8).collect::<String>(), (t.1*100.).round()/100.)).collect::<Vec<_>>()); };
    let two = Blowup::Two.parameters();
    for commit_grinding in [0, 2, 4, 6, 8] { for q in [16, 20] {
        show(prover::Parameters { batch_grinding: 10, commit_grinding, lookup_grinding: 11, ood_grinding: 0, query_grinding: q, queries: if q == 20 {261} else {270}, ..two });
    } }
    let four = Blowup::Four.parameters();
    for (queries, batch, commit) in [(131, 22, 10), (133, 22, 10), (135, 22, 10), (135, 20, 10), (140, 20, 10), (145,20,10), (133,22,14), (140,22,14)] {
        show(prover::Parameters { queries, batch_grinding: batch, commit_grinding: commit, lookup_grinding: 11, ood_grinding: 0, ..four });
    }
}
