r"""Markov chains of finitely many states, :math:`P(z_t = j \mid z_{t-1} = i) = P_{tij}`, and data of their states."""


def markovchain_given(ops, chain, likelihoods):
    r"""Condition a Markov chain on data of which each depends on one state: the forward algorithm, run backwards.

    .. math::

        \frac{z \sim \operatorname{MarkovChain}(q, P) \qquad y_t \mid z \sim f_{t z_t}}
             {z \mid y \sim \operatorname{MarkovChain}\Bigl(\frac{q_j m_{0j}}{\sum_k q_k m_{0k}},\;
              \frac{P_{tij} m_{tj}}{\sum_k P_{tik} m_{tk}}\Bigr)} \qquad
        \begin{aligned}
          m_{ti} &= f_{ti}(y_t) \sum_j P_{t+1,ij} m_{t+1,j} \\
          p(y) &= \sum_j q_j m_{0j}
        \end{aligned}

    :math:`m_{ti}` is the density of the data at t and later given that the state at t is i; its logarithms come of one
    loop, so that the cost is linear in the length of the chain.

    Parameters
    ----------
    ops : Vocabulary
    chain : term
        A draw of the family ``markovchain``.
    likelihoods : term
        The logarithms of :math:`f_{ti}(y_t)`, (n, K).

    Returns
    -------
    posterior : term
        The chain given the data.
    evidence : term
        The log density of the data.

    Reference: Rabiner, A tutorial on hidden Markov models, Proceedings of the IEEE 77 (1989), 257-286.
    """
    start, chances = ops.parameters(chain).values()
    messages = ops.state_messages(chances, likelihoods)
    posterior = ops.markovchain(ops.start_given(start, messages), ops.chances_given(chances, messages))
    return posterior, ops.start_evidence(start, messages)


def chances_of(ops, draw):
    """Return the vector of the probabilities of the values of a scalar draw."""
    p = ops.parameters(draw)["p"]
    if ops.distribution_of(draw) == "bernoulli":
        return ops.stacked_last(ops.sub(ops.constant(1.0), p), p)
    return p
