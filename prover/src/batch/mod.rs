//! The prover of p3-batch-stark's protocol for our tables.
//!
//! The protocol, the transcript and the verifier are the library's, unchanged; a mistake here gives proofs that it
//! rejects. What is our own is how a row is evaluated: the library walks lookups as symbolic expressions, on every row
//! twice; here a table's own code runs over packed field elements (see docs/decisions).

mod fold;
mod lookup;
mod quotient;

use air::F;
use air::table::Table;
use p3_air::BaseAir;
use p3_batch_stark::proof::OpenedValuesWithLookups;
use p3_batch_stark::{
    BatchCommitments, BatchOpenedValues, BatchProof, BatchProverTranscript, BatchShape, CommonData, OpenedValues,
    StarkGenericConfig,
};
use p3_commit::{PolynomialSpace, UnivariateStarkPcs};
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{Lookup, LookupTerminal};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_uni_stark::{PreprocessedOpenedValues, StarkOpeningLayout};
use tracing::info_span;

use verifier::config::{Challenge, Challenger, Commitment, Committed, Config, Pcs};

/// A domain of the commitment scheme.
type Domain = p3_batch_stark::Domain<Config>;
type Error = p3_batch_stark::config::PcsProverError<Config>;

/// A table with its rows and its public values.
pub(crate) struct Instance<'a> {
    pub(crate) table: &'a Table,
    pub(crate) trace: &'a RowMajorMatrix<F>,
    pub(crate) public: &'a [F],
}

/// Proves that the instances satisfy their constraints and that their buses balance.
pub(crate) fn prove(
    config: &Config,
    instances: &[Instance<'_>],
    common: &CommonData<Config>,
    fixed: &Committed,
) -> Result<BatchProof<Config>, Error> {
    let pcs = config.pcs();
    let log_heights: Vec<usize> = instances.iter().map(|instance| instance.trace.height().ilog2() as usize).collect();
    let domains: Vec<Domain> = instances.iter().map(|instance| natural_domain(pcs, instance.trace.height())).collect();
    let lookups: Vec<&[Lookup<F>]> = common.lookups.iter().map(|lookups| &**lookups).collect();
    let publics: Vec<&[F]> = instances.iter().map(|instance| instance.public).collect();

    let mut challenger = config.initialise_challenger();
    let mut transcript = BatchProverTranscript::<Challenger, F, Challenge, Commitment>::new(
        &mut challenger,
        batch_shape(config, instances),
    );
    transcript.instance_bindings(&log_heights);

    let traces = domains.iter().copied().zip(instances.iter().map(|instance| instance.trace.clone()));
    let (main, main_data) = info_span!("commit to traces").in_scope(|| commit(pcs, traces))?;
    transcript.main_phase(main.clone(), &publics);
    transcript.preprocessed_phase(common.preprocessed.as_ref().map(|global| global.commitment.clone()));

    let (challenges, lookup_pow_witness) = transcript.lookup_phase(&lookups, &LogUpGadget::new());
    let (sums, terminals): (Vec<_>, Vec<_>) = info_span!("sum lookups").in_scope(|| {
        let arguments = instances.iter().zip(&lookups).zip(&challenges);
        arguments.map(|((instance, lookups), challenges)| lookup::sums(instance, lookups, challenges)).unzip()
    });
    let (permutation, permutation_data) =
        info_span!("commit to lookups").in_scope(|| commit(pcs, domains.iter().copied().zip(sums)))?;
    let alpha = transcript.permutation_phase(Some(permutation.clone()), &terminals);

    let quotients = info_span!("compute quotients").in_scope(|| {
        let committed = quotient::Sources { main: &main_data, permutation: &permutation_data, fixed };
        let each = instances.iter().enumerate().map(|(i, instance)| {
            let argument = quotient::Argument {
                lookups: lookups[i],
                challenges: &challenges[i],
                terminal: terminals[i],
                domain: domains[i],
                index: i,
                fixed_index: fixed_index(common, i),
            };
            quotient::chunks(pcs, instance, &argument, &committed, alpha)
        });
        each.collect::<Result<Vec<_>, Error>>()
    })?;
    let chunk_counts: Vec<usize> = quotients.iter().map(Vec::len).collect();
    let (quotient, quotient_data) = info_span!("commit to quotients").in_scope(|| {
        <Pcs as UnivariateStarkPcs<Challenge, Challenger>>::commit_ldes(pcs, quotients.into_iter().flatten().collect())
    })?;
    transcript.quotient_phase(quotient.clone(), None);

    let (zeta, ood_pow_witness) = transcript.ood_phase();
    let here_and_next = |domain: &Domain| core::iter::once(zeta).chain(domain.next_point(zeta)).collect::<Vec<_>>();
    let main_points = instances
        .iter()
        .zip(&domains)
        .map(|(instance, domain)| if reads_next(instance.table) { here_and_next(domain) } else { vec![zeta] });
    let fixed_count = instances.iter().filter(|instance| instance.table.kind().fixed_width() > 0).count();
    let rounds = vec![
        (&main_data, main_points.collect::<Vec<_>>()),
        (&quotient_data, vec![vec![zeta]; chunk_counts.iter().sum()]),
        (fixed, vec![vec![zeta]; fixed_count]),
        (&permutation_data, domains.iter().map(here_and_next).collect()),
    ];
    let layout = StarkOpeningLayout::new(false);
    let (values, opening_proof) = info_span!("open").in_scope(|| {
        transcript.delegate(|challenger| {
            let rounds = rounds.into_iter().map(Into::into).collect();
            pcs.open_with_preprocessing(rounds, challenger, Some(layout.preprocessed))
        })
    })?;
    transcript.finish();

    Ok(BatchProof {
        commitments: BatchCommitments { main, permutation: Some(permutation), quotient_chunks: quotient, random: None },
        opened_values: BatchOpenedValues { instances: opened(instances, common, &chunk_counts, values) },
        opening_proof,
        lookup_terminals: terminals.into_iter().map(|terminal| Some(LookupTerminal(terminal))).collect(),
        degree_bits: log_heights,
        lookup_pow_witness,
        ood_pow_witness,
    })
}

/// The opened values as the proof lists them: by instance instead of by commitment.
fn opened(
    instances: &[Instance<'_>],
    common: &CommonData<Config>,
    chunk_counts: &[usize],
    values: Vec<Vec<Vec<Vec<Challenge>>>>,
) -> Vec<OpenedValuesWithLookups<Challenge>> {
    let mut rounds = values.into_iter();
    let mut next_round = || rounds.next().unwrap_or_default().into_iter();
    let (mut main, mut quotient, fixed, mut permutation) = (next_round(), next_round(), next_round(), next_round());
    let fixed: Vec<_> = fixed.collect();
    let mut instance_values = Vec::with_capacity(instances.len());
    for (i, (instance, &chunks)) in instances.iter().zip(chunk_counts).enumerate() {
        let mut main = main.next().unwrap_or_default().into_iter();
        let mut permutation = permutation.next().unwrap_or_default().into_iter();
        let local = fixed_index(common, i).and_then(|index| fixed.get(index)?.first().cloned());
        instance_values.push(OpenedValuesWithLookups {
            base_opened_values: OpenedValues {
                trace_local: main.next().unwrap_or_default(),
                trace_next: if reads_next(instance.table) { main.next() } else { None },
                preprocessed: local.map(|local| PreprocessedOpenedValues { local, next: None }),
                quotient_chunks: quotient.by_ref().take(chunks).map(|points| points.concat()).collect(),
                random: None,
            },
            permutation_local: permutation.next().unwrap_or_default(),
            permutation_next: permutation.next().unwrap_or_default(),
        });
    }
    instance_values
}

fn batch_shape(config: &Config, instances: &[Instance<'_>]) -> BatchShape {
    BatchShape {
        trace_widths: instances.iter().map(|instance| instance.trace.width()).collect(),
        public_value_counts: instances.iter().map(|instance| instance.public.len()).collect(),
        preprocessed_widths: instances.iter().map(|instance| instance.table.kind().fixed_width()).collect(),
        has_preprocessed_commitment: true,
        num_lookup_instances: instances.len(),
        lookup_pow_bits: config.lookup_proof_of_work_bits(),
        has_randomization_commitment: false,
        ood_pow_bits: config.ood_proof_of_work_bits(),
    }
}

fn commit(
    pcs: &Pcs,
    evaluations: impl Iterator<Item = (Domain, RowMajorMatrix<F>)>,
) -> Result<(Commitment, Committed), Error> {
    <Pcs as p3_commit::Pcs<Challenge, Challenger>>::commit(pcs, evaluations)
}

fn natural_domain(pcs: &Pcs, height: usize) -> Domain {
    <Pcs as p3_commit::Pcs<Challenge, Challenger>>::natural_domain_for_degree(pcs, height)
}

/// The place of an instance's matrix in the commitment to fixed columns.
fn fixed_index(common: &CommonData<Config>, instance: usize) -> Option<usize> {
    Some(common.preprocessed.as_ref()?.instances.get(instance)?.as_ref()?.matrix_index)
}

fn reads_next(table: &Table) -> bool {
    !BaseAir::<F>::main_next_row_columns(table).is_empty()
}
