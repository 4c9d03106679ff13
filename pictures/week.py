"""A week of made-up conversations, from which the picture of the counts in `docs/` is made. Nobody ever wrote these.

A line is one person: what they write, and behind bars what they press then: `pick` is the first entry offered; under an answer there are `helpful`,
`unhelpful` and `not this`.
"""

from __future__ import annotations

from datetime import date

FIRST = date(2026, 3, 2)
"""A Monday."""

WEEK = (
    # Monday
    """
    woke up with my neck locked, what do i do | helpful
    my neck seized up while i was drying my hair
    ice or heat for a neck spasm | helpful
    should i put a hot water bottle on my neck
    how long does a neck spasm last | helpful
    which pillow is best for a stiff neck
    desk job and a sore neck every afternoon | helpful
    how should i set up my monitor for my neck
    can stress make my neck tight
    my neck hurts at the back of the head when i look down
    what muscles are at the base of the skull
    is ibuprofen ok for a neck spasm | helpful
    paracetamol or ibuprofen, which is better for neck pain
    exercises to loosen a stiff neck | helpful
    hello
    thanks, that was quick
    what is the weather tomorrow
    can you book me a taxi
    it hurts when i laugh
    pressure in my head | pick | helpful
    it hurts when i sit | pick
    can i drive with a stiff neck | helpful
    stiff neck, fever 39 and the light hurts my eyes
    massage for a tight neck, yes or no | unhelpful
    does magnesium help against spasms
    tengo dolor de cuello desde ayer
    when should i see a doctor about my neck | helpful
    """,
    # Tuesday
    """
    neck cramp, cannot turn my head to the left
    what can i do right now for a spasm in my neck | helpful
    heat or cold on a cramped neck
    how many days until a stiff neck goes away
    neck pain since i changed my pillow | helpful
    best way to sleep with a sore neck | helpful
    why do i keep getting neck spasms | unhelpful
    my neck spasm comes back every week
    can dehydration cause muscle spasms in the neck
    do i drink too little, my neck cramps
    stretches for the neck at work | helpful
    are muscle relaxants any good | helpful
    what is occipital neuralgia
    pain behind the ear that shoots like electricity
    is it a migraine or my neck
    tension headache that starts in the neck | helpful
    grinding my teeth at night, can that hurt my neck
    good morning
    are you a real person
    who won the football yesterday
    painkillers every day for my neck, is that bad | helpful
    can a chiropractor crack my neck | helpful
    should i crack my own neck
    my knee clicks when i walk
    it hurts all the time | pick | unhelpful
    what helps | pick | helpful
    draught from the window
    mal au cou depuis trois jours
    physio or doctor for a stiff neck
    sudden worst headache of my life and a stiff neck
    """,
    # Wednesday
    """
    ease a neck spasm fast | helpful
    quick relief for a cramp in the neck | unhelpful
    neck is stuck on one side since this morning | helpful
    wry neck, how long
    ice pack on my neck for how many minutes | unhelpful
    pillow too high, neck hurts | helpful
    looking at my phone all day makes my neck ache
    eye strain and a sore neck | unhelpful
    does the screen hurt my neck
    gym with a stiff neck | helpful
    can i go swimming with neck pain | unhelpful
    running with a sore neck, ok or not | not this
    i am pregnant and my neck is stiff, what can i take
    my son has a stiff neck and cannot turn his head
    neck pain after a car accident yesterday
    whiplash, what can i do at home
    do i need an x-ray of my neck | helpful
    mri for neck pain
    dizzy when i turn my neck
    jaw pain and neck pain on the same side
    what are these knots under my skull | helpful
    trigger points at the back of the head
    thank you so much
    hi there
    best pizza in town
    fed up with the pain | pick
    does coffee matter
    can you write my homework
    numb hand and neck pain, dropping things
    how do i mend a flat tyre
    ich habe einen steifen nacken
    muscle relaxant side effects | helpful
    what does a spasm in the head feel like
    ice or heat | helpful
    """,
    # Thursday
    """
    neck spasm at three in the morning, help me loosen it | helpful
    how do i stop a cramp in my neck
    warm shower for neck spasm, good idea
    heating pad overnight on the neck | unhelpful
    sleeping on my stomach and neck pain | helpful
    which side to sleep on with a stiff neck
    does stress cause neck spasms | helpful
    anxiety and a tight neck
    my neck tightens up before exams
    stretch for the muscles under the skull | helpful
    how often should i stretch my neck
    acupuncture for neck pain | helpful
    dry needling, does it hurt
    botox for cervical dystonia
    my head pulls to one side by itself
    pinched nerve in the neck and a spasm
    what causes pain at the base of the skull | helpful
    headache at the back of the head in the morning
    too many painkillers, headache every day | helpful
    magnesium dose for cramps
    hello bot
    who are you
    tell me a joke
    which phone should i buy
    phone | pick
    cold wind on my neck | pick | helpful
    does the weather matter
    crushing chest pain and my left arm is heavy
    when do i need to go to hospital with neck pain
    mi fa male il collo
    my neck hurts when i turn it | helpful
    is it ok to massage a spasm | helpful
    """,
    # Friday
    """
    neck locked after lifting a box | helpful
    fastest way to loosen a locked neck | helpful
    spasm in the neck what now
    cold pack or heat pack | helpful
    how long until my neck spasm is gone
    still stiff after two weeks, normal | unhelpful
    neck hurts after eight hours at the computer | helpful
    laptop on the sofa, sore neck | helpful
    ergonomic chair for neck pain | not this
    how high should my screen be | helpful
    standing desk for a sore neck | unhelpful
    ibuprofen gel on the neck, does it work | helpful
    naproxen for neck pain | unhelpful
    can i take two painkillers together
    diazepam for neck spasm
    massage gun on my neck
    foam roller for the neck | helpful
    how hard should a neck massage be | helpful
    pillow height for side sleepers | helpful
    no pillow at all, is that better | unhelpful
    good evening
    cheers mate
    what is the capital of peru
    play some music
    weekend plans for rainy days
    is walking good | pick | helpful
    sore after a long flight
    tablets or massage, or both
    my cat is sick
    why does the back of my head hurt | helpful
    neck cracking sound when i turn
    scalp tingles at the back
    driving with neck spasm, is it legal | helpful
    i do not want to live any more
    fell off a ladder, neck hurts and my arms tingle
    main gardan dard se pareshan hun
    can a head have a muscle spasm
    stiff neck, ice or heat | helpful
    """,
    # Saturday
    """
    left arm sore from lifting | pick | helpful
    neck spasm relief | unhelpful
    heat on my neck, how long | helpful
    best stretches for neck spasm
    yoga with a stiff neck | helpful
    sore neck after the gym
    can i lift weights with a neck spasm
    sleep with a stiff neck | helpful
    hangover and neck pain
    not drinking enough water and cramps | helpful
    knots in my neck
    hi
    how does a bicycle pump work
    recommend a film
    tea against pain | pick | not this
    what about alcohol
    baby sleeps badly what can i do
    stiff neck and a rash that does not fade
    why does my neck keep cramping | unhelpful
    neck and jaw pain from clenching
    """,
    # Sunday
    """
    neck went into spasm on the plane | helpful
    travel pillow for a sore neck | unhelpful
    how long does a wry neck last | helpful
    ice first or heat first | helpful
    bad posture and neck pain | helpful
    painkillers for a neck spasm | helpful
    stiff neck since friday, should i worry
    when is neck pain an emergency | helpful
    tablets or massage | pick | helpful
    thanks
    lottery numbers please
    it hurts all the time
    pain after training
    what is for dinner
    my neck is so tight from worry
    massage at home for neck | helpful
    mój kark mnie boli
    who do i see about my neck | helpful
    """,
)
