namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// Every name that spans, metrics and log records carry. Those of OpenTelemetry follow its semantic conventions for FaaS (v1.44, in development); what is
/// ours begins with <c>fn.</c>. They are API: dashboards and alerts are built on them.
/// </summary>
public static class FaasTags
{
    public const string Trigger = "faas.trigger";
    public const string TriggerHttp = "http";
    public const string ColdStart = "faas.coldstart";
    public const string InvocationId = "faas.invocation_id";

    /// <summary><c>app/function</c>, since functions of two apps may have the same name.</summary>
    public const string Name = "faas.name";

    /// <summary>The function's revision.</summary>
    public const string Version = "faas.version";

    /// <summary>The container's id.</summary>
    public const string Instance = "faas.instance";

    /// <summary>Bytes.</summary>
    public const string MaxMemory = "faas.max_memory";
    public const string InvokedName = "faas.invoked_name";
    public const string InvokedProvider = "faas.invoked_provider";
    public const string Provider = "fn";

    /// <summary>The event of a span whose call failed.</summary>
    public const string InvocationException = "faas.invocation.exception";

    public const string ErrorType = "error.type";
    public const string ExceptionType = "exception.type";
    public const string ExceptionMessage = "exception.message";
    public const string HttpMethod = "http.request.method";
    public const string HttpRoute = "http.route";
    public const string HttpStatus = "http.response.status_code";
    public const string UrlPath = "url.path";
    public const string ImageName = "container.image.name";

    public const string FunctionId = "fn.function.id";

    /// <summary>The runner's id.</summary>
    public const string RunnerId = "fn.runner.id";

    /// <summary><c>cold</c>, <c>hot</c>, or <c>none</c> for a call that never held a slot.</summary>
    public const string Start = "fn.start";
    public const string StartCold = "cold";
    public const string StartHot = "hot";
    public const string StartNone = "none";

    public const string Detached = "fn.call.detached";
    public const string WaitReason = "fn.wait.reason";

    /// <summary>Why a runner did not take a call.</summary>
    public const string NotPlaced = "fn.not_placed";
    public const string PlacementAttempts = "fn.placement.attempts";
    public const string PlacementReason = "fn.placement.reason";
    public const string PlacementOutcome = "fn.placement.outcome";
    public const string OutcomePlaced = "placed";

    public const string LaunchReason = "fn.launch.reason";
    public const string LaunchWaiting = "fn.launch.waiting";
    public const string LaunchReady = "fn.launch.ready";
    public const string LaunchStarting = "fn.launch.starting";

    /// <summary>Milliseconds; absent while none is known.</summary>
    public const string LaunchServiceTime = "fn.launch.service_time";

    /// <summary>Milliseconds; absent when no call runs.</summary>
    public const string LaunchOldestRunning = "fn.launch.oldest_running";

    /// <summary>Milliseconds for which calls have been waiting without a break; absent when that was not asked for.</summary>
    public const string LaunchLasting = "fn.launch.lasting";

    /// <summary>Milliseconds.</summary>
    public const string LaunchStartTime = "fn.launch.start_time";

    /// <summary>Milliseconds.</summary>
    public const string LaunchPredictedWait = "fn.launch.predicted_wait";
    public const string LaunchStep = "fn.launch.step";

    /// <summary>How many containers the rule asked for.</summary>
    public const string LaunchDecision = "fn.launch.decision";
    public const string Format = "fn.format";
    public const string Driver = "fn.driver";

    public const string Eviction = "fn.eviction";
    public const string EvictionReason = "fn.eviction.reason";
    public const string StopReason = "fn.stop.reason";

    /// <summary>Calls that a container served.</summary>
    public const string ContainerCalls = "fn.container.calls";
    public const string ContainerState = "fn.container.state";

    /// <summary>The function that what was stopped made room for.</summary>
    public const string ForFunction = "fn.for.name";

    /// <summary>What a link points at: <see cref="LinkStart"/>, <see cref="LinkRoomFor"/>.</summary>
    public const string Link = "fn.link";

    /// <summary>The start of a container: that a call waited for, or whose container ends here.</summary>
    public const string LinkStart = "start";

    /// <summary>The start that got the memory.</summary>
    public const string LinkRoomFor = "room_for";

    /// <summary>The value of <see cref="Start"/> for a call.</summary>
    /// <param name="hasSlot">Whether it ever held one.</param>
    /// <param name="cold">Whether its container was started for it.</param>
    public static string StartOf(bool hasSlot, bool cold) => !hasSlot ? StartNone : cold ? StartCold : StartHot;
}
